// What names the resources of events that are gone, for the few of which somebody will ask.
//
//   ResourceNotes notes;                                  // one per worker
//   told.resource_note = notes.take(event, type);         // valid until the next take()
//   … kept as bytes …
//   for (const std::string& key : notes.read(told)) …     // keys as in logtype/resource.h
//
// Rules over several events look at every second event of a log and tell of few. Walking the JSON
// of all of them would cost a tenth of a scan, so a note is that JSON as it stood there, and is
// walked when it is read; only where that is more than kMaxRaw bytes the resources are read at
// once, and the note is their keys. Notes mean something to the process that took them: they speak
// of fields by their slots. What is to last longer keeps note_of() what read() gives.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.h"
#include "finding/hit.h"
#include "logtype/log_type.h"
#include "logtype/resource_fields.h"

namespace yagura::finding {

class ResourceNotes {
  public:
    static constexpr size_t kMaxRaw = 4096;
    static constexpr size_t kMaxKeys = logtype::ResourceReader::kMaxOfEvent;
    static constexpr size_t kMaxNote = 8 + kMaxKeys * (logtype::kMaxResourceKey + 1);
    // The parts of an event that its note is read with.
    static constexpr std::array kReadWith = {
        Part::event_source, Part::event_name, Part::account, Part::region, Part::user_type};

    // Fields of `type` that a note is taken from.
    static std::vector<std::string_view> fields_of(const logtype::LogType& type);

    // Empty when the event has none of the fields. Valid until the next call.
    std::string_view take(event::Event& event, const logtype::LogType& type);

    // The note of what is known already; of the first kMaxKeys.
    static std::string note_of(std::span<const std::string> keys);

    // The resources of the event that `event.resource_note` was taken of; kReadWith must be there.
    // Valid until the next call.
    std::span<const std::string> read(const ToldEvent& event);

  private:
    struct Shape;
    static const Shape& shape_of(const logtype::LogType& type);
    std::span<const std::string> keys_of(std::string_view lines);

    const logtype::LogType* type_ = nullptr;  // of the last event, and
    const Shape* shape_ = nullptr;
    std::array<char, kMaxRaw> raw_;  // the last note, or
    std::string note_;               // if it was of keys
    event::Event event_;             // as it was, as far as a reader looks
    logtype::ResourceReader reader_;
    std::vector<std::string> keys_;
};

}  // namespace yagura::finding
