#include "source/tail.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/language.h"
#include "base/messages/base.h"
#include "base/system_reason.h"

namespace yagura::source {
namespace {

constexpr size_t kProbe = 64 << 10;
constexpr size_t kStart = 256;

// A file descriptor that closes itself.
class Descriptor {
  public:
    explicit Descriptor(const std::string& path)
        : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)) {}
    ~Descriptor() {
        if (file_ >= 0) ::close(file_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return file_; }

    // Up to `size` bytes from `offset`; fewer at the end of the file.
    std::optional<std::string> read(uint64_t offset, size_t size) const {
        std::string bytes(size, '\0');
        size_t got = 0;
        while (got < size) {
            const ssize_t more =
                ::pread(file_, bytes.data() + got, size - got, static_cast<off_t>(offset + got));
            if (more < 0 && errno == EINTR) continue;
            if (more < 0) return std::nullopt;
            if (more == 0) break;
            got += static_cast<size_t>(more);
        }
        bytes.resize(got);
        return bytes;
    }

  private:
    int file_;
};

int64_t nanoseconds(const timespec& time) {
    return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

bool is_text(std::string_view bytes) {
    return bytes.find('\0') == std::string_view::npos && !bytes.starts_with("\x1f\x8b") &&
           !bytes.starts_with("\x28\xb5\x2f\xfd") && !bytes.starts_with("BZh");
}

std::string_view trimmed(std::string_view line) {
    constexpr std::string_view kBlanks = " \t\r\n\xEF\xBB\xBF";
    const size_t from = line.find_first_not_of(kBlanks);
    if (from == std::string_view::npos) return {};
    return line.substr(from, line.find_last_not_of(kBlanks) - from + 1);
}

// How a file that begins so is to be given; nullopt: too little is there to tell.
struct Nature {
    bool in_lines = false;
    bool is_json = false;
};
std::optional<Nature> nature_of(std::string_view start) {
    if (!is_text(start)) return Nature{};
    const size_t end = start.find('\n');
    if (end == std::string_view::npos && start.size() < kProbe) return std::nullopt;
    const std::string_view line = trimmed(start.substr(0, std::min(end, start.size())));
    if (line.empty()) return Nature{};
    if (line.front() == '{') return Nature{line.back() == '}', true};
    if (line.front() == '[') return Nature{};
    return Nature{true, false};
}

// Of the first `size` bytes; null when they cannot be read.
std::unique_ptr<Sha256Stream> hash_of(const Descriptor& file, uint64_t size) {
    constexpr uint64_t kStep = 1 << 20;
    if (file.get() < 0) return nullptr;
    auto hash = std::make_unique<Sha256Stream>();
    for (uint64_t at = 0; at < size;) {
        const auto bytes = file.read(at, static_cast<size_t>(std::min(kStep, size - at)));
        if (!bytes || bytes->empty()) return nullptr;
        hash->update(*bytes);
        at += bytes->size();
    }
    return hash;
}

}  // namespace

void Tail::skip(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return;
    File& file = files_[path];
    file = {.device = status.st_dev, .inode = status.st_ino};
    file.given = static_cast<uint64_t>(status.st_size);
    file.modified = nanoseconds(status.st_mtim);
    const Descriptor open(path);
    const auto start = open.get() < 0 ? std::nullopt : open.read(0, kProbe);
    const auto nature = start ? nature_of(*start) : std::nullopt;
    if (start) file.start = start->substr(0, kStart);
    if (!nature) return;
    file.in_lines = nature->in_lines;
    file.is_json = nature->is_json;
    if (nature->in_lines && !nature->is_json) file.header = start->substr(0, start->find('\n') + 1);
}

bool Tail::resume(const std::string& path, uint64_t size, const Sha256& content) {
    skip(path);
    const auto found = files_.find(path);
    if (found == files_.end()) return false;
    File& file = found->second;
    file.hash = file.given < size ? nullptr : hash_of(Descriptor(path), size);
    const bool is_same = file.hash && file.hash->so_far() == content;
    // A compressed file that is longer than it was is another one.
    if (!is_same || (!file.in_lines && file.given != size)) {
        files_.erase(found);
        return false;
    }
    file.given = size;
    if (size < kStart) file.start.resize(std::min<size_t>(file.start.size(), size));
    return true;
}

Result<std::optional<Input>> Tail::next(const std::string& path, bool is_closed) {
    const Descriptor open(path);
    struct stat status {};
    if (open.get() < 0 || ::fstat(open.get(), &status) != 0) {
        const int error = errno;
        forget(path);
        if (error == ENOENT || error == ENOTDIR) return std::optional<Input>();
        return fail(Code::io, say(message::cannot_open, path, system_reason(error)));
    }
    if (!S_ISREG(status.st_mode)) return std::optional<Input>();
    const auto size = static_cast<uint64_t>(status.st_size);
    File& file = files_[path];
    const bool is_other = file.device != status.st_dev || file.inode != status.st_ino ||
                          open.read(0, file.start.size()) != file.start;
    if (is_other || size < file.given) file = {.device = status.st_dev, .inode = status.st_ino};
    if (file.given == 0) {
        const auto start = open.read(0, kProbe);
        if (!start) return fail(Code::io, say(message::cannot_read, path, system_reason(errno)));
        const auto nature = nature_of(*start);
        if (!nature && !is_closed) return std::optional<Input>();
        file.start = start->substr(0, kStart);
        file.in_lines = nature && nature->in_lines;
        file.is_json = nature && nature->is_json;
        if (file.in_lines && !nature->is_json)
            file.header = start->substr(0, start->find('\n') + 1);
    }
    if (file.in_lines) {
        if (size == file.given) return std::optional<Input>();
        const size_t wanted = std::min<uint64_t>(kMaxPart, size - file.given);
        auto bytes = open.read(file.given, wanted);
        if (bytes && with_content_ && !file.hash) file.hash = hash_of(open, file.given);
        if (!bytes || (with_content_ && !file.hash))
            return fail(Code::io, say(message::cannot_read, path, system_reason(errno)));
        const bool is_all = bytes->size() == size - file.given;
        return next_lines(path, file, std::move(*bytes), is_closed, is_all);
    }
    const int64_t modified = nanoseconds(status.st_mtim);
    if (!is_closed || size == 0 || (file.given == size && file.modified == modified))
        return std::optional<Input>();
    file.given = size;
    file.modified = modified;
    YAGURA_TRY(Input whole, Input::open({path, size, {}, false}));
    return std::optional<Input>(std::move(whole));
}

Result<std::optional<Input>> Tail::all(const std::string& path) {
    skip(path);
    const auto found = files_.find(path);
    if (found == files_.end()) return std::optional<Input>();
    File& file = found->second;
    const Descriptor open(path);
    if (!file.in_lines || open.get() < 0) {
        files_.erase(found);
        return std::optional<Input>();
    }
    const uint64_t back = std::min<uint64_t>(file.given, kMaxPart);
    const auto last = open.read(file.given - back, static_cast<size_t>(back));
    const size_t end = last ? last->rfind('\n') : std::string::npos;
    if (end != std::string::npos) file.given = file.given - back + end + 1;
    file.hash = hash_of(open, file.given);
    if (!file.hash) {
        files_.erase(found);
        return fail(Code::io, say(message::cannot_read, path, system_reason(errno)));
    }
    const Part part{.offset = 0, .end = file.given, .content = file.hash->so_far()};
    YAGURA_TRY(Input input, Input::open_part(path, part));
    return std::optional<Input>(std::move(input));
}

std::optional<Input> Tail::next_lines(
    const std::string& path, File& file, std::string bytes, bool is_closed, bool is_all) {
    size_t end = bytes.rfind('\n') + 1;  // 0 without a newline
    // Writers close files in the middle of a line, too. A JSON value shows that it is complete.
    const std::string_view rest = trimmed(std::string_view(bytes).substr(end));
    const bool is_line = !file.is_json || (!rest.empty() && rest.back() == '}');
    if (is_closed && is_all && is_line) end = bytes.size();
    if (end == 0 && bytes.size() == kMaxPart) end = bytes.size();
    if (end == 0) return std::nullopt;
    bytes.resize(end);
    Part part{.offset = file.given, .end = file.given + end};
    part.has_header = file.given > 0 && !file.header.empty();
    part.is_closed = is_closed && is_all;
    file.given += end;
    std::string text = part.has_header ? file.header + bytes : std::move(bytes);
    if (!with_content_) return Input::of_bytes(text, path);
    file.hash->update(std::string_view(text).substr(part.has_header ? file.header.size() : 0));
    part.content = file.hash->so_far();
    return Input::of_part(text, path, part);
}

}  // namespace yagura::source
