// Files that must survive a crash: written under a temporary name, synced, renamed, and the folder
// synced too.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/result.h"

namespace yagura::store {

// A file being written beside its final name as `.<name>.tmp`. Dropped without publish(), it is
// removed.
class NewFile {
  public:
    static Result<NewFile> create(std::filesystem::path path);
    NewFile(NewFile&& other) noexcept;
    NewFile& operator=(NewFile&&) = delete;
    ~NewFile();

    Result<void> write(std::string_view bytes);
    uint64_t size() const { return size_; }

    // Hash of everything written, read back from the file.
    Result<Sha256> checksum();

    // Says that nothing more is written: the disk may begin, and publish() waits for less.
    void begin_sync();

    // Syncs the bytes and gives the file its name. The folder still needs sync_folder().
    Result<void> publish();

  private:
    NewFile() = default;
    std::filesystem::path path_;
    std::filesystem::path temporary_;
    int descriptor_ = -1;
    uint64_t size_ = 0;
};

Result<void> sync_folder(const std::filesystem::path& folder);
Result<void> make_folder(const std::filesystem::path& folder);  // with its parents, synced

// A file mapped for reading; empty files give an empty view.
class MappedFile {
  public:
    static Result<MappedFile> open(const std::filesystem::path& path);
    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&& other) noexcept;
    ~MappedFile();
    std::string_view bytes() const { return {data_, size_}; }

  private:
    MappedFile() = default;
    const char* data_ = nullptr;
    size_t size_ = 0;
};

Result<Sha256> file_checksum(const std::filesystem::path& path);

// For tests: when YAGURA_FAILPOINT is "name" or "name:n", the n-th passing of that point kills the
// process with SIGKILL, as a power cut would. Costs a comparison of a null pointer otherwise.
void failpoint(std::string_view name);

}  // namespace yagura::store
