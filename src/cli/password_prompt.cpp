#include "cli/password_prompt.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include "auth/password.h"
#include "base/messages/user.h"

namespace yagura::cli {
namespace {

// The terminal with echo and its own line editing off, as they were when destroyed. Ctrl+C comes as
// a character, so that the echo can never stay off.
class QuietTerminal {
  public:
    QuietTerminal() : file_(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {
        if (file_ < 0 || tcgetattr(file_, &before_) != 0) return;
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
        is_quiet_ = tcsetattr(file_, TCSAFLUSH, &quiet) == 0;
    }
    ~QuietTerminal() {
        if (is_quiet_) tcsetattr(file_, TCSAFLUSH, &before_);
        if (file_ >= 0) ::close(file_);
    }
    QuietTerminal(const QuietTerminal&) = delete;
    QuietTerminal& operator=(const QuietTerminal&) = delete;

    bool is_quiet() const { return is_quiet_; }

    void write(std::string_view text) const {
        while (!text.empty()) {
            const ssize_t written = ::write(file_, text.data(), text.size());
            if (written <= 0) return;
            text.remove_prefix(static_cast<size_t>(written));
        }
    }
    // False at the end of input.
    bool read(char& byte) const { return ::read(file_, &byte, 1) == 1; }

  private:
    int file_;
    termios before_{};
    bool is_quiet_ = false;
};

// Takes the last character back: its UTF-8 continuation bytes, then its first.
void remove_last(std::string& text) {
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80)
        text.pop_back();
    if (!text.empty()) text.pop_back();
}

Result<std::string> ask(const QuietTerminal& terminal, std::string_view prompt) {
    constexpr char kCtrlC = 3, kCtrlD = 4, kBackspace = 8, kCtrlU = 21, kDelete = 127;
    terminal.write(prompt);
    std::string typed;
    for (char byte = 0; terminal.read(byte) && byte != '\n' && byte != '\r' && byte != kCtrlD;) {
        if (byte == kCtrlC) {
            terminal.write("\n");
            return fail(Code::cancelled, "");
        }
        if (byte == kBackspace || byte == kDelete) {
            remove_last(typed);
        } else if (byte == kCtrlU) {
            typed.clear();
        } else if (typed.size() <= auth::kLongestPasswordBytes) {
            typed += byte;
        }
    }
    terminal.write("\n");
    return typed;
}

}  // namespace

Result<std::string> ask_new_password(std::string_view name) {
    const QuietTerminal terminal;
    if (!terminal.is_quiet()) return fail(Code::unsupported, say(message::user_no_terminal));
    YAGURA_TRY(std::string password, ask(terminal, say(message::user_ask_password, name)));
    YAGURA_CHECK(auth::check_password(name, password));
    YAGURA_TRY(const std::string again, ask(terminal, say(message::user_ask_again)));
    if (password != again) return fail(Code::invalid, say(message::user_not_the_same));
    return password;
}

Result<std::string> password_from_stdin() {
    std::string line;
    for (char byte = 0; ::read(STDIN_FILENO, &byte, 1) == 1 && byte != '\n';) {
        line += byte;
        if (line.size() > auth::kLongestPasswordBytes + 1) break;  // refused for its length
    }
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

}  // namespace yagura::cli
