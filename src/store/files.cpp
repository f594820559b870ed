#include "store/files.h"

#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/language.h"
#include "base/messages/base.h"
#include "base/system_reason.h"

namespace yagura::store {
namespace {

Error io_error(const Text& message, const std::filesystem::path& path) {
    return {Code::io, say(message, path.string(), system_reason(errno))};
}

}  // namespace

Result<NewFile> NewFile::create(std::filesystem::path path) {
    NewFile file;
    file.temporary_ = path.parent_path() / ("." + path.filename().string() + ".tmp");
    file.path_ = std::move(path);
    file.descriptor_ = open(file.temporary_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file.descriptor_ < 0) return io_error(message::cannot_write, file.temporary_);
    return file;
}

NewFile::NewFile(NewFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::move(other.temporary_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_) {}

NewFile::~NewFile() {
    if (descriptor_ < 0) return;
    close(descriptor_);
    unlink(temporary_.c_str());
}

Result<void> NewFile::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return io_error(message::cannot_write, path_);
        size_ += static_cast<uint64_t>(written);
        bytes.remove_prefix(static_cast<size_t>(written));
    }
    return {};
}

Result<Sha256> NewFile::checksum() {
    return file_checksum(temporary_);
}

void NewFile::begin_sync() {
    // A hint: publish() finds out what failed.
    [[maybe_unused]] const int done = sync_file_range(descriptor_, 0, 0, SYNC_FILE_RANGE_WRITE);
}

Result<void> NewFile::publish() {
    if (fsync(descriptor_) != 0) return io_error(message::cannot_write, path_);
    if (rename(temporary_.c_str(), path_.c_str()) != 0)
        return io_error(message::cannot_write, path_);
    close(std::exchange(descriptor_, -1));
    return {};
}

Result<void> sync_folder(const std::filesystem::path& folder) {
    const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return io_error(message::cannot_open, folder);
    const int result = fsync(descriptor);
    close(descriptor);
    if (result != 0) return io_error(message::cannot_write, folder);
    return {};
}

Result<void> make_folder(const std::filesystem::path& folder) {
    if (std::filesystem::is_directory(folder)) return {};
    const auto parent = std::filesystem::absolute(folder).parent_path();
    if (!std::filesystem::is_directory(parent)) YAGURA_CHECK(make_folder(parent));
    if (mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST)
        return io_error(message::cannot_write, folder);
    return sync_folder(parent);
}

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        Error error = io_error(message::cannot_open, path);
        return errno == ENOENT ? Error(Code::not_found, error.sentence()) : error;
    }
    struct stat status {};
    MappedFile file;
    if (fstat(descriptor, &status) == 0 && status.st_size > 0) {
        void* data = mmap(
            nullptr, static_cast<size_t>(status.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0);
        if (data != MAP_FAILED) {
            file.data_ = static_cast<const char*>(data);
            file.size_ = static_cast<size_t>(status.st_size);
        }
    }
    const bool failed = status.st_size > 0 && file.data_ == nullptr;
    Error error = io_error(message::cannot_read, path);
    close(descriptor);
    if (failed) return error;
    return file;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
}

MappedFile::~MappedFile() {
    if (data_) munmap(const_cast<char*>(data_), size_);
}

Result<Sha256> file_checksum(const std::filesystem::path& path) {
    YAGURA_TRY(const auto file, MappedFile::open(path));
    return sha256(file.bytes());
}

void failpoint(std::string_view name) {
    static const char* const wanted = std::getenv("YAGURA_FAILPOINT");
    if (!wanted) return;
    std::string_view point = wanted;
    int passing = 1;
    if (const size_t colon = point.find(':'); colon != std::string_view::npos) {
        std::from_chars(point.data() + colon + 1, point.data() + point.size(), passing);
        point = point.substr(0, colon);
    }
    static std::atomic<int> passed = 0;
    if (point == name && ++passed == passing) raise(SIGKILL);
}

}  // namespace yagura::store
