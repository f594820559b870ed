#include "decode/archive.h"

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

// The data of the member the archive stands at.
class Archive::Member : public Stream {
  public:
    explicit Member(Archive& archive) : archive_(archive) {}

  protected:
    size_t pull(char* out, size_t size) override {
        if (ended_) return 0;
        archive* handle = archive_.library_->handle;
        const auto consumed = static_cast<uint64_t>(archive_filter_bytes(handle, -1));
        const uint64_t room = archive_.budget_.room(consumed, archive_.produced_);
        const la_ssize_t result =
            archive_read_data(handle, out, static_cast<size_t>(std::min<uint64_t>(size, room + 1)));
        if (result < 0) {
            const bool locked = archive_read_has_encrypted_entries(handle) > 0;
            return end(locked ? FaultCode::encrypted : FaultCode::bad_compression);
        }
        const auto got = static_cast<uint64_t>(result);
        if (got > room) {
            archive_.fault_ = Fault{FaultCode::bomb, 0};
            return end(FaultCode::bomb);
        }
        archive_.produced_ += got;
        if (archive_.kind_ == Container::zip) archive_.budget_.add(got);
        return static_cast<size_t>(got);
    }

  private:
    size_t end(FaultCode code) {
        end_with(code);
        ended_ = true;
        return 0;
    }

    Archive& archive_;
    bool ended_ = false;
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

bool Archive::next() {
    member_.reset();
    if (fault_) return false;
    if (!library_->open) {
        fault_ = Fault{FaultCode::bad_compression, 0};
        return false;
    }
    for (;;) {
        archive_entry* entry = nullptr;
        const int result = archive_read_next_header(library_->handle, &entry);
        if (result == ARCHIVE_EOF) return false;
        if (result == ARCHIVE_RETRY) continue;
        if (result < ARCHIVE_WARN) {
            fault_ = Fault{FaultCode::bad_compression,
                           static_cast<uint64_t>(archive_filter_bytes(library_->handle, -1))};
            return false;
        }
        ++count_;
        // Folders and links hold no data. Zip members made elsewhere may have no type at all.
        const auto type = archive_entry_filetype(entry);
        if (type != AE_IFREG && type != 0) continue;
        const char* name = archive_entry_pathname(entry);
        if (name == nullptr) name = archive_entry_pathname_utf8(entry);
        name_ = name != nullptr ? name : "#" + std::to_string(count_);
        member_ = std::make_unique<Member>(*this);
        return true;
    }
}

}  // namespace yagura::decode
