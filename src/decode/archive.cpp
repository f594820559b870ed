#include "decode/archive.h"

#include <algorithm>
#include <cstring>

#include <archive.h>
#include <archive_entry.h>

namespace yagura::decode {
namespace {

constexpr size_t kBlock = size_t{64} << 10;

}  // namespace

struct Archive::Library {
    archive* handle = archive_read_new();
    Stream* from = nullptr;
    std::unique_ptr<char[]> block = std::make_unique_for_overwrite<char[]>(kBlock);
    bool open = false;

    ~Library() { archive_read_free(handle); }

    static la_ssize_t read(archive*, void* self, const void** bytes) {
        auto& library = *static_cast<Library*>(self);
        *bytes = library.block.get();
        return static_cast<la_ssize_t>(library.from->read(library.block.get(), kBlock));
    }
};

// The data of the member the archive stands at, block by block: what was read before a block that
// is damaged is used, and so is a whole member whose checksum is wrong.
class Archive::Member : public Stream {
  public:
    explicit Member(Archive& archive) : archive_(archive) {}

  protected:
    size_t pull(char* out, size_t size) override {
        while (!ended_ && at_ >= block_end_) read_block();
        if (ended_ || size == 0) return 0;
        archive* handle = archive_.library_->handle;
        const auto consumed = static_cast<uint64_t>(archive_filter_bytes(handle, -1));
        const uint64_t room = archive_.budget_.room(consumed, archive_.produced_);
        if (room == 0) return end(FaultCode::bomb);
        // A sparse file has holes between its blocks.
        const bool in_hole = at_ < block_begin_;
        const uint64_t left = (in_hole ? block_begin_ : block_end_) - at_;
        const auto take = static_cast<size_t>(std::min<uint64_t>({size, room, left}));
        if (in_hole) {
            std::memset(out, 0, take);
        } else {
            std::memcpy(out, block_ + (at_ - block_begin_), take);
        }
        at_ += take;
        archive_.produced_ += take;
        if (archive_.kind_ == Container::zip) archive_.budget_.add(take);
        return take;
    }

  private:
    void read_block() {
        const void* bytes = nullptr;
        size_t size = 0;
        la_int64_t offset = 0;
        const int result =
            archive_read_data_block(archive_.library_->handle, &bytes, &size, &offset);
        if (result == ARCHIVE_EOF) {
            ended_ = true;
        } else if (result < ARCHIVE_WARN || offset < 0 || static_cast<uint64_t>(offset) < at_) {
            end(archive_.fault_here());
        } else {
            block_ = static_cast<const char*>(bytes);
            block_begin_ = static_cast<uint64_t>(offset);
            block_end_ = block_begin_ + size;
            if (result != ARCHIVE_WARN) return;
            end_with(FaultCode::bad_compression, size);  // a checksum is wrong; the data are there
            ended_ = size == 0;
        }
    }
    size_t end(FaultCode code) {
        end_with(code);
        ended_ = true;
        return 0;
    }

    Archive& archive_;
    bool ended_ = false;
    const char* block_ = nullptr;  // the library's; its place in the member:
    uint64_t block_begin_ = 0;
    uint64_t block_end_ = 0;
    uint64_t at_ = 0;
};

Archive::Archive(Container kind, Stream& from, InflateBudget& budget)
    : kind_(kind), library_(std::make_unique<Library>()), budget_(budget) {
    library_->from = &from;
    archive* handle = library_->handle;
    if (handle == nullptr) return;
    // Compression around an archive was taken off before; the library shall not try to.
    archive_read_support_filter_none(handle);
    if (kind == Container::tar) {
        archive_read_support_format_tar(handle);
    } else {
        archive_read_support_format_zip_streamable(handle);
    }
    library_->open =
        archive_read_open(handle, library_.get(), nullptr, Library::read, nullptr) == ARCHIVE_OK;
}

Archive::~Archive() = default;

// Why the library cannot go on where it stands.
FaultCode Archive::fault_here() const {
    if (entry_ != nullptr && archive_entry_is_data_encrypted(entry_)) return FaultCode::encrypted;
    const bool at_end = library_->from->peek(1).empty();
    return at_end ? FaultCode::truncated : FaultCode::bad_compression;
}

// What is left of the member before is passed over. Where the size of a zip's member is not known
// beforehand that means to inflate it, which a bomb must not make us do.
bool Archive::can_go_on() {
    if (!member_ || !member_->fault()) return true;
    const FaultCode code = member_->fault()->code;
    const bool is_known = kind_ == Container::tar || archive_entry_size_is_set(entry_) != 0;
    if (code == FaultCode::bomb && !is_known) fault_ = Fault{code, 0};
    return !fault_ && code != FaultCode::truncated;
}

bool Archive::next() {
    const bool goes_on = can_go_on();
    member_.reset();
    entry_ = nullptr;
    if (!goes_on || fault_) return false;
    if (!library_->open) {
        fault_ = Fault{FaultCode::bad_compression, 0};
        return false;
    }
    for (;;) {
        const int result = archive_read_next_header(library_->handle, &entry_);
        if (result == ARCHIVE_EOF) return false;
        if (result == ARCHIVE_RETRY) continue;
        if (result < ARCHIVE_WARN) {
            entry_ = nullptr;
            fault_ = Fault{fault_here(),
                           static_cast<uint64_t>(archive_filter_bytes(library_->handle, -1))};
            return false;
        }
        ++count_;
        // Folders and links hold no data. Zip members made elsewhere may have no type at all.
        const auto type = archive_entry_filetype(entry_);
        if (type != AE_IFREG && type != 0) continue;
        if (archive_entry_hardlink(entry_) != nullptr && archive_entry_size(entry_) == 0) continue;
        const char* name = archive_entry_pathname(entry_);
        if (name == nullptr) name = archive_entry_pathname_utf8(entry_);
        name_ = name != nullptr ? name : "#" + std::to_string(count_);
        member_ = std::make_unique<Member>(*this);
        return true;
    }
}

}  // namespace yagura::decode
