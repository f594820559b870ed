// Which fields of a log type name what an event was done to, and how they are read.
//
//   ResourceReader reader;                                          // one per worker
//   for (const std::string& key : reader.read(event, type)) …      // keys as in resource.h
//
// A log type has one row for each field (LogType::resources). JSON that rows lead into is walked
// only when somebody asks, which is for events that become part of a finding: few of a log.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.h"
#include "logtype/resource.h"

namespace yagura::logtype {

struct LogType;

struct ResourceField {
    std::string_view field;  // of the log type's dictionary: a text, or JSON that `path` leads into
    std::string_view path;   // through arrays; empty: the field is the text
    std::string_view kind;   // ResourceKind::type; empty: the value is an ARN
    std::string_view service;         // only in events of this service ("s3"); empty: of any
    std::string_view when = "";       // only where ResourceFields::when holds this
    std::string_view prefix = "";     // only values that begin so
    std::string_view within = "";     // path of what it is a part of: "bucketName" of "key"
    std::string_view told_kind = "";  // path of what the record calls its kind
};

struct ResourceFields {
    // Fields that are texts themselves are alternatives: the first an event has counts.
    std::span<const ResourceField> rows = {};
    std::string_view when = "";  // the field or path that `when` looks into
};

class ResourceReader {
  public:
    static constexpr size_t kMaxOfEvent = 64;

    ResourceReader();
    ~ResourceReader();
    ResourceReader(ResourceReader&&) noexcept;
    ResourceReader& operator=(ResourceReader&&) noexcept;

    // Keys of the resources `event` names, each once, in the order of the table; at most
    // kMaxOfEvent. Valid until the next call.
    std::span<const std::string> read(event::Event& event, const LogType& type);

  private:
    struct Walked;
    void add(const ResourceView& resource);

    std::unique_ptr<Walked> walked_;
    std::vector<std::string> keys_;  // the first count_; the rest keeps its memory
    size_t count_ = 0;
};

}  // namespace yagura::logtype
