// The members of a tar or zip archive, in the order they are stored. Nothing is ever written to
// disk, so member names are only names. Zip is read by its local headers, as it streams.
#pragma once

#include <memory>
#include <string>

#include "decode/inflate.h"
#include "decode/stream.h"

struct archive_entry;

namespace yagura::decode {

class Archive {
  public:
    // `from` must outlive the archive.
    Archive(Container kind, Stream& from, InflateBudget& budget);
    ~Archive();

    // Goes to the next member that holds data; its bytes are in member() until the next call. False
    // at the end, or when the archive is damaged from here on: fault(), or the last member's fault
    // when it was cut off.
    bool next();

    const std::string& name() const { return name_; }
    Stream& member() { return *member_; }
    const std::optional<Fault>& fault() const { return fault_; }

  private:
    struct Library;
    class Member;
    FaultCode fault_here() const;
    bool can_go_on();

    Container kind_;
    std::unique_ptr<Library> library_;
    archive_entry* entry_ = nullptr;  // the library's
    std::unique_ptr<Stream> member_;
    InflateBudget& budget_;
    std::string name_;
    uint64_t count_ = 0;
    uint64_t produced_ = 0;
    std::optional<Fault> fault_;
};

}  // namespace yagura::decode
