#include "report/output.h"

#include <cerrno>
#include <cstdio>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <stdio_ext.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/language.h"
#include "base/messages/base.h"
#include "base/system_reason.h"

namespace yagura::report {

Result<Output> Output::open(const std::string& path) {
    Output out;
    if (path == "-") {
        out.file_ = stdout;
        return out;
    }
    // Devices and pipes (/dev/null, a named pipe) are written as they are: nothing may be renamed
    // onto them.
    struct stat status {};
    const bool in_place = ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
    const std::string opened = in_place ? path : fmt::format("{}.{}.partial", path, getpid());
    const int flags = in_place ? O_WRONLY : O_WRONLY | O_CREAT | O_TRUNC;
    const int file = ::open(opened.c_str(), flags | O_CLOEXEC, 0644);
    if (file < 0) return fail(Code::io, say(message::cannot_write, path, system_reason(errno)));
    out.file_ = ::fdopen(file, "wb");
    out.path_ = path;
    if (!in_place) out.temporary_ = opened;
    return out;
}

Output Output::into(std::string& text) {
    Output out;
    out.text_ = &text;
    return out;
}

Output::Output(Output&& other) noexcept {
    *this = std::move(other);
}

Output& Output::operator=(Output&& other) noexcept {
    abandon();
    file_ = std::exchange(other.file_, nullptr);
    text_ = std::exchange(other.text_, nullptr);
    path_ = std::exchange(other.path_, {});
    temporary_ = std::exchange(other.temporary_, {});
    error_ = std::exchange(other.error_, 0);
    return *this;
}

Output::~Output() {
    abandon();
}

void Output::abandon() {
    if (file_ && !path_.empty()) std::fclose(file_);
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
    file_ = nullptr;
    temporary_.clear();
}

void Output::write(std::string_view text) {
    if (text_) {
        text_->append(text);
    } else if (file_ && error_ == 0 &&
               std::fwrite(text.data(), 1, text.size(), file_) != text.size()) {
        error_ = errno;
    }
}

Result<void> Output::close() {
    if (!file_) return {};
    const auto refused = [&](int error) {
        const std::string name = path_.empty() ? say(message::standard_output) : path_;
        if (path_.empty()) {  // told here: nobody need find it out again
            std::clearerr(stdout);
            __fpurge(stdout);
        }
        abandon();
        return fail(Code::io, say(message::cannot_write, name, system_reason(error)));
    };
    if (error_ == 0 && std::fflush(file_) != 0) error_ = errno;
    if (error_ != 0) return refused(error_);
    if (path_.empty()) {  // standard output stays open
        file_ = nullptr;
        return {};
    }
    if (std::fclose(std::exchange(file_, nullptr)) != 0) return refused(errno);
    if (temporary_.empty()) return {};
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) return refused(errno);
    temporary_.clear();
    return {};
}

}  // namespace yagura::report
