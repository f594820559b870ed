#include "store/writer_lock.h"

#include <cerrno>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/language.h"
#include "base/messages/base.h"
#include "base/messages/store.h"
#include "base/system_reason.h"
#include "base/text.h"

namespace yagura::store {

Result<WriterLock> WriterLock::acquire(const std::filesystem::path& lake,
                                       std::chrono::milliseconds wait) {
    const auto path = lake / "writer.lock";
    const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor < 0)
        return fail(Code::io, say(message::cannot_write, path.string(), system_reason(errno)));
    const auto deadline = std::chrono::steady_clock::now() + wait;
    while (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (std::chrono::steady_clock::now() < deadline) {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            continue;
        }
        char holder[24] = {};
        const ssize_t size = pread(descriptor, holder, sizeof holder - 1, 0);
        close(descriptor);
        const std::string pid =
            size > 0 ? printable(trim({holder, static_cast<size_t>(size)})) : "?";
        return fail(Code::busy, say(message::store_busy, lake.string(), pid));
    }
    const std::string pid = std::to_string(getpid()) + "\n";
    if (ftruncate(descriptor, 0) != 0 || pwrite(descriptor, pid.data(), pid.size(), 0) < 0) {
        close(descriptor);
        return fail(Code::io, say(message::cannot_write, path.string(), system_reason(errno)));
    }
    return WriterLock(descriptor);
}

WriterLock::WriterLock(WriterLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}
WriterLock::~WriterLock() {
    if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace yagura::store
