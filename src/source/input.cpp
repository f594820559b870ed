#include "source/input.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "base/language.h"
#include "base/messages/base.h"
#include "base/messages/source.h"
#include "base/system_reason.h"

namespace yagura::source {
namespace {

constexpr size_t kPadding = 64;
constexpr size_t kFirstStep = 1 << 20;

}  // namespace

Result<Input> Input::open(const Object& object) {
    Input input;
    input.object_ = object;
    if (object.path == kStandardInput) {
        input.file_ = STDIN_FILENO;
        return input;
    }
    input.file_ = ::open(object.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (input.file_ < 0) {
        const int error = errno;
        return fail(error == ENOENT ? Code::not_found : Code::io,
                    say(message::cannot_open, object.path, system_reason(error)));
    }
    input.owns_file_ = true;
    return input;
}

Input Input::of_bytes(std::string_view bytes, std::string name) {
    Input input;
    input.object_ = {std::move(name), bytes.size(), {}, true};
    input.loaded_ = std::make_unique_for_overwrite<char[]>(bytes.size() + kPadding);
    if (!bytes.empty()) std::memcpy(input.loaded_.get(), bytes.data(), bytes.size());
    std::memset(input.loaded_.get() + bytes.size(), 0, kPadding);
    input.loaded_size_ = bytes.size();
    input.bytes_read_ = bytes.size();
    input.whole_ = true;
    return input;
}

Input Input::of_part(std::string_view bytes, std::string name, const Part& part) {
    Input input = of_bytes(bytes, std::move(name));
    input.part_ = part;
    return input;
}

Result<Input> Input::open_part(const std::string& path, const Part& part) {
    YAGURA_TRY(Input input, open({.path = path, .size = part.end, .end = part.end}));
    input.part_ = part;
    return input;
}

Input::Input(Input&& other) noexcept {
    *this = std::move(other);
}

Input& Input::operator=(Input&& other) noexcept {
    std::swap(object_, other.object_);
    std::swap(part_, other.part_);
    std::swap(file_, other.file_);
    std::swap(owns_file_, other.owns_file_);
    std::swap(is_kept_, other.is_kept_);
    std::swap(whole_, other.whole_);
    std::swap(loaded_, other.loaded_);
    std::swap(loaded_size_, other.loaded_size_);
    std::swap(loaded_at_, other.loaded_at_);
    std::swap(bytes_read_, other.bytes_read_);
    std::swap(content_, other.content_);
    return *this;
}

Input::~Input() {
    if (owns_file_) ::close(file_);
}

Result<size_t> Input::read_file(char* out, size_t size) {
    size = static_cast<size_t>(std::min<uint64_t>({size, 1 << 30, object_.end - bytes_read_}));
    if (file_ < 0 || size == 0) return size_t{0};
    for (;;) {
        const ssize_t got = is_kept_ ? ::pread(file_, out, size, static_cast<off_t>(bytes_read_))
                                     : ::read(file_, out, size);
        if (got >= 0) {
            bytes_read_ += static_cast<uint64_t>(got);
            return static_cast<size_t>(got);
        }
        if (errno == EINTR) continue;
        return fail(Code::io, say(message::cannot_read, object_.path, system_reason(errno)));
    }
}

Result<std::string_view> Input::load(size_t limit) {
    if (loaded_) return std::string_view(loaded_.get(), loaded_size_);
    // The listed size is a guess: the file may have grown, and some files (/proc, pipes) do not
    // tell.
    size_t room = std::min(limit, std::max(static_cast<size_t>(object_.size) + 1, size_t{4096}));
    auto bytes = std::make_unique_for_overwrite<char[]>(room + kPadding);
    size_t size = 0;
    while (size < limit) {
        if (size == room) {
            room = std::min(limit, room + std::max(room, kFirstStep));
            auto larger = std::make_unique_for_overwrite<char[]>(room + kPadding);
            std::memcpy(larger.get(), bytes.get(), size);
            bytes = std::move(larger);
        }
        const size_t asked = room - size;
        YAGURA_TRY(const size_t got, read_file(bytes.get() + size, asked));
        size += got;
        // A file gives less than was asked for at its end only; for what has no size that may be
        // wrong.
        const bool ended = got < asked && object_.size > 0 && size >= object_.size;
        if (got == 0 || (ended && !object_.is_stream)) {
            whole_ = true;
            break;
        }
    }
    std::memset(bytes.get() + size, 0, kPadding);
    loaded_ = std::move(bytes);
    loaded_size_ = size;
    return std::string_view(loaded_.get(), loaded_size_);
}

Result<size_t> Input::read(char* out, size_t size) {
    if (loaded_at_ < loaded_size_) {
        const size_t take = std::min(size, loaded_size_ - loaded_at_);
        std::memcpy(out, loaded_.get() + loaded_at_, take);
        loaded_at_ += take;
        // The rest comes from the file; nobody goes back.
        if (loaded_at_ == loaded_size_ && !whole_) loaded_.reset();
        return take;
    }
    if (whole_) return size_t{0};
    return read_file(out, size);
}

// A file whose reading has begun is left alone.
Result<void> Input::load_to_hash() {
    const bool is_small = object_.size < kMaxLoaded;
    if (loaded_ || object_.is_stream || !is_small || bytes_read_ > 0) return {};
    YAGURA_CHECK(load());
    return {};
}

Result<Sha256> Input::content_id() {
    if (content_) return *content_;
    YAGURA_CHECK(load_to_hash());
    if (whole_) return content_.emplace(sha256({loaded_.get(), loaded_size_}));
    YAGURA_TRY(Input again, reopen());
    Sha256Stream hash;
    const auto buffer = std::make_unique_for_overwrite<char[]>(kFirstStep);
    for (;;) {
        YAGURA_TRY(const size_t got, again.read(buffer.get(), kFirstStep));
        if (got == 0) return content_.emplace(hash.finish());
        hash.update({buffer.get(), got});
    }
}

Result<std::optional<Sha256>> Input::content_id_of_first(uint64_t size) {
    YAGURA_CHECK(load_to_hash());
    if (whole_) {
        if (size > loaded_size_) return std::optional<Sha256>();
        return std::optional(sha256({loaded_.get(), static_cast<size_t>(size)}));
    }
    YAGURA_TRY(Input again, reopen());
    Sha256Stream hash;
    const auto buffer = std::make_unique_for_overwrite<char[]>(kFirstStep);
    while (size > 0) {
        const auto wanted = static_cast<size_t>(std::min<uint64_t>(size, kFirstStep));
        YAGURA_TRY(const size_t got, again.read(buffer.get(), wanted));
        if (got == 0) return std::optional<Sha256>();
        hash.update({buffer.get(), got});
        size -= got;
    }
    return std::optional(hash.finish());
}

Result<Input> Input::reopen() const {
    if (object_.is_stream && !is_kept_) {
        return fail(Code::unsupported, say(message::stream_read_once, object_.path));
    }
    if (!is_kept_) return Input::open(object_);
    Input again;
    again.object_ = object_;
    again.content_ = content_;
    again.is_kept_ = again.owns_file_ = true;
    again.file_ = ::fcntl(file_, F_DUPFD_CLOEXEC, 0);
    if (again.file_ < 0) {
        return fail(Code::io, say(message::cannot_open, object_.path, system_reason(errno)));
    }
    return again;
}

Result<void> Input::keep_stream(const std::filesystem::path& folder) {
    if (!object_.is_stream || is_kept_) return {};
    YAGURA_CHECK(load());
    if (whole_) return {};
    std::string name = (folder / ".stream-XXXXXX").string();
    const int kept = ::mkostemp(name.data(), O_CLOEXEC);
    if (kept < 0) {
        return fail(Code::io, say(message::cannot_write, name, system_reason(errno)));
    }
    ::unlink(name.c_str());
    auto copied = copy_to(kept);
    if (owns_file_) ::close(file_);
    file_ = kept;
    owns_file_ = is_kept_ = true;
    bytes_read_ = loaded_at_ = loaded_size_ = 0;
    loaded_.reset();
    return copied;
}

// All that comes, what is loaded first.
Result<void> Input::copy_to(int file) {
    Sha256Stream hash;
    const auto buffer = std::make_unique_for_overwrite<char[]>(kFirstStep);
    for (;;) {
        YAGURA_TRY(const size_t got, read(buffer.get(), kFirstStep));
        if (got == 0) break;
        hash.update({buffer.get(), got});
        for (size_t done = 0; done < got;) {
            const ssize_t written = ::write(file, buffer.get() + done, got - done);
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) {
                return fail(Code::io,
                            say(message::cannot_write, object_.path, system_reason(errno)));
            }
            done += static_cast<size_t>(written);
        }
    }
    content_ = hash.finish();
    return {};
}

std::string reason_of(const Error& error, std::string_view path) {
    const std::string_view sentence = error.sentence();
    for (const std::string& start :
         {say(message::cannot_open, path, ""), say(message::cannot_read, path, "")}) {
        if (sentence.starts_with(start)) return std::string(sentence.substr(start.size()));
    }
    return std::string(sentence);
}

}  // namespace yagura::source
