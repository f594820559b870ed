#include "store/reader_lock.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace yagura::store {
namespace {

constexpr const char* kName = "readers.lock";

}  // namespace

ReaderLock::ReaderLock(const std::filesystem::path& lake)
    : descriptor_(::open((lake / kName).c_str(), O_RDONLY | O_CLOEXEC)) {
    // Held against us for the blink of an eye at the most.
    while (descriptor_ >= 0 && ::flock(descriptor_, LOCK_SH) != 0 && errno == EINTR) continue;
}

ReaderLock::~ReaderLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

bool may_be_read(const std::filesystem::path& lake) {
    const int descriptor = ::open((lake / kName).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor < 0) return true;
    const bool is_free = ::flock(descriptor, LOCK_EX | LOCK_NB) == 0;
    ::close(descriptor);
    return !is_free;
}

}  // namespace yagura::store
