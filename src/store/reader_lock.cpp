#include "store/reader_lock.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace yagura::store {
namespace {

constexpr const char* kName = "readers.lock";

// Not of an empty range: a length of 0 means all there is.
struct flock bytes_of(short type, int64_t from, int64_t before) {
    struct flock range {};
    range.l_type = type;
    range.l_whence = SEEK_SET;
    range.l_start = from;
    range.l_len = before - from;
    return range;
}

}  // namespace

// A writer's look is in the way for the blink of an eye at the most, where flock(2) is made of the
// same locks.
ReaderLock::ReaderLock(const std::filesystem::path& lake, int64_t from, int64_t before)
    : descriptor_(::open((lake / kName).c_str(), O_RDONLY | O_CLOEXEC)),
      from_(from),
      before_(before) {
    if (descriptor_ < 0) return;
    struct flock range = bytes_of(F_RDLCK, from, before);
    while (::fcntl(descriptor_, F_OFD_SETLKW, &range) != 0 && errno == EINTR) continue;
}

ReaderLock::~ReaderLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void ReaderLock::narrow(int64_t generation) {
    const auto unlock = [&](int64_t from, int64_t before) {
        if (descriptor_ < 0 || from >= before) return;
        struct flock range = bytes_of(F_UNLCK, from, before);
        (void)::fcntl(descriptor_, F_OFD_SETLK, &range);
    };
    unlock(from_, generation);
    unlock(generation + 1, before_);
    from_ = generation;
    before_ = generation + 1;
}

// flock(2) knows no bytes, so nobody can tell what its holder has seen.
Readers::Readers(const std::filesystem::path& lake)
    : descriptor_(::open((lake / kName).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
    if (descriptor_ < 0) return;
    is_locked_as_a_whole_ = ::flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    (void)::flock(descriptor_, LOCK_UN);
}

Readers::~Readers() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

std::optional<bool> Readers::read_any(int64_t from, int64_t before) const {
    if (descriptor_ < 0) return std::nullopt;
    if (is_locked_as_a_whole_) return true;
    struct flock range = bytes_of(F_WRLCK, from, before);
    if (::fcntl(descriptor_, F_OFD_GETLK, &range) != 0) return std::nullopt;
    return range.l_type != F_UNLCK;
}

}  // namespace yagura::store
