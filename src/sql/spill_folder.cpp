#include "sql/spill_folder.h"

#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

namespace yagura::sql {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPrefix = "yagura-spill-";

// Holds the folder against those who clear up; -1 when somebody else does, or it is gone.
int hold(const fs::path& folder) {
    const int lock = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (lock >= 0 && ::flock(lock, LOCK_EX | LOCK_NB) == 0) return lock;
    if (lock >= 0) ::close(lock);
    return -1;
}

void clear_up(const fs::path& parent) {
    std::error_code ignored;
    std::vector<fs::path> left;
    for (fs::directory_iterator at(parent, ignored), end; !ignored && at != end;
         at.increment(ignored)) {
        if (at->path().filename().string().starts_with(kPrefix)) left.push_back(at->path());
    }
    for (const fs::path& folder : left) {
        const int lock = hold(folder);
        if (lock < 0) continue;
        fs::remove_all(folder, ignored);
        ::close(lock);
    }
}

fs::path made_below(const fs::path& parent) {
    std::string name = (parent / (std::string(kPrefix) + "XXXXXX")).string();
    return ::mkdtemp(name.data()) ? fs::path(name) : fs::path();
}

}  // namespace

SpillFolder::SpillFolder(const fs::path& wanted) {
    std::error_code error;
    const fs::path parent = wanted.empty() ? fs::temp_directory_path(error) : fs::absolute(wanted);
    if (error) return;
    if (!wanted.empty()) {  // the system clears up its own
        fs::create_directories(parent, error);
        clear_up(parent);
    }
    // Whoever clears up may take ours before we hold it.
    for (int tries = 0; tries < 8 && lock_ < 0; ++tries) {
        const fs::path made = made_below(parent);
        if (made.empty()) return;
        lock_ = hold(made);
        if (lock_ < 0) continue;
        if (fs::exists(made, error)) {
            path_ = made;
        } else {
            ::close(lock_);
            lock_ = -1;
        }
    }
}

SpillFolder::~SpillFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
    if (lock_ >= 0) ::close(lock_);
}

}  // namespace yagura::sql
