#include "source/folder_watch.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <thread>
#include <unordered_map>

#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/language.h"
#include "base/messages/base.h"
#include "base/system_reason.h"
#include "source/object.h"

namespace yagura::source {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

namespace {

constexpr uint32_t kEvents = IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM |
                             IN_DELETE | IN_ONLYDIR | IN_EXCL_UNLINK;
// Listing large trees takes at most this part of the time.
constexpr int kMostlyNot = 10;

std::string plain_path(const fs::path& path) {
    return path.lexically_normal().string();
}

}  // namespace

class FolderWatch::Impl {
  public:
    virtual ~Impl() = default;
    virtual Result<std::vector<Change>> wait(std::chrono::milliseconds timeout) = 0;
    virtual bool is_polling() const = 0;
    // False when it can no longer tell of everything below its paths.
    virtual bool sees_all() const { return true; }
};

namespace {

// Lists everything again and again and compares.
class Poller final : public FolderWatch::Impl {
  public:
    enum class Before { known, told_too };

    Poller(std::vector<std::string> paths, Before before) : paths_(std::move(paths)) {
        if (before == Before::told_too) return;
        if (auto listing = list_present()) known_ = table_of(*listing);
        due_ = Clock::now() + kPollInterval;
    }

    Result<std::vector<Change>> wait(std::chrono::milliseconds timeout) override {
        const auto deadline = Clock::now() + timeout;
        std::this_thread::sleep_until(std::min(deadline, due_));
        const auto start = Clock::now();
        if (start < due_) return std::vector<Change>();
        YAGURA_TRY(const Listing listing, list_present());
        const auto end = Clock::now();
        due_ = end + std::max<Clock::duration>(kPollInterval, kMostlyNot * (end - start));
        Table now = table_of(listing);
        std::vector<Change> changes;
        for (const auto& [path, state] : now) {
            const auto before = known_.find(path);
            if (before == known_.end() || before->second != state) {
                unsettled_[path] = true;
            } else if (unsettled_.erase(path) > 0) {  // the same twice: nobody is writing
                changes.push_back({path, true, false});
            }
        }
        for (const auto& [path, state] : known_) {
            if (!now.contains(path)) changes.push_back({path, false, true});
        }
        known_ = std::move(now);
        return changes;
    }

    bool is_polling() const override { return true; }

  private:
    using State = std::pair<uint64_t, Timestamp>;
    using Table = std::map<std::string, State>;

    // Without the paths that are gone for now.
    Result<Listing> list_present() const {
        std::vector<std::string> present;
        for (const std::string& path : paths_) {
            std::error_code ignored;
            if (fs::exists(path, ignored)) present.push_back(path);
        }
        return list_objects(present);
    }

    static Table table_of(const Listing& listing) {
        Table table;
        for (const Object& object : listing.objects)
            table[object.path] = {object.size, object.modified};
        return table;
    }

    std::vector<std::string> paths_;
    Clock::time_point due_{};
    Table known_;
    std::map<std::string, bool> unsettled_;
};

// One inotify watch per folder. A file named by itself is watched through its folder.
class Notifier final : public FolderWatch::Impl {
  public:
    Notifier(int queue, size_t most_folders) : queue_(queue), most_folders_(most_folders) {}
    ~Notifier() override { ::close(queue_); }

    // False when the kernel gives no more watches.
    bool add(const std::string& path) {
        std::error_code ignored;
        if (fs::is_directory(path, ignored)) return add_tree(path, false);
        const fs::path file = fs::path(path).lexically_normal();
        const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
        const bool added = add_folder(folder.string(), {.only = file.filename().string()});
        if (added) files_.push_back(file.string());
        return added;
    }

    Result<std::vector<Change>> wait(std::chrono::milliseconds timeout) override {
        const auto deadline = Clock::now() + timeout;
        for (;;) {
            YAGURA_CHECK(read_queue(next_wait(deadline)));
            std::vector<Change> ready = take_ready();
            if (!ready.empty() || Clock::now() >= deadline) return ready;
        }
    }

    bool is_polling() const override { return false; }
    bool sees_all() const override { return sees_all_; }

  private:
    struct Folder {
        std::string path;
        std::vector<std::string> only;  // names of interest; empty: all
        bool is_tree = false;
    };
    struct Wanted {
        std::string only;
        bool is_tree = false;
    };
    struct Pending {
        Clock::time_point first;
        Clock::time_point last;
        bool is_closed = false;
        bool is_gone = false;
    };

    bool add_folder(const std::string& path, const Wanted& wanted) {
        if (folders_.size() >= most_folders_) return sees_all_ = false;
        const int watch = ::inotify_add_watch(queue_, path.c_str(), kEvents);
        if (watch < 0) return sees_all_ = errno != ENOSPC && errno != ENOMEM;
        Folder& folder = folders_[watch];
        folder.path = path;
        if (wanted.is_tree) {
            folder.is_tree = true;
            folder.only.clear();
        } else if (!folder.is_tree) {
            folder.only.push_back(wanted.only);
        }
        return true;
    }

    // `is_new`: the folder came while we watched; files may be in it before the watch was.
    bool add_tree(const std::string& root, bool is_new) {
        if (!is_new) roots_.push_back(root);
        std::vector<std::string> folders{root};
        while (!folders.empty()) {
            const std::string current = std::move(folders.back());
            folders.pop_back();
            if (!add_folder(current, {.is_tree = true})) return false;
            std::error_code error;
            fs::directory_iterator entry(current, error);
            for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
                std::error_code ignored;
                if (entry->is_symlink(ignored)) continue;
                if (entry->is_directory(ignored)) {
                    folders.push_back(entry->path().string());
                } else if (is_new && entry->is_regular_file(ignored)) {
                    const std::string path = plain_path(entry->path());
                    note(path, false, false);
                    found_[path] = Clock::now() + kPollInterval;
                }
            }
        }
        return true;
    }

    std::chrono::milliseconds next_wait(Clock::time_point deadline) const {
        auto until = deadline;
        for (const auto& [path, pending] : pending_) until = std::min(until, ready_at(pending));
        for (const auto& [path, due] : found_) until = std::min(until, due);
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
        return std::max(left + std::chrono::milliseconds(1), std::chrono::milliseconds(0));
    }

    static Clock::time_point ready_at(const Pending& pending) {
        if (pending.is_gone) return pending.last;
        return std::min(pending.last + (pending.is_closed ? kQuietPeriod / 10 : kQuietPeriod),
                        pending.first + kLongestSilence);
    }

    Result<void> read_queue(std::chrono::milliseconds timeout) {
        pollfd waiting{queue_, POLLIN, 0};
        const int ready = ::poll(&waiting, 1, static_cast<int>(timeout.count()));
        if (ready <= 0) return {};  // also EINTR: the caller looks at its stop flag
        alignas(inotify_event) std::array<char, 65536> buffer;
        for (;;) {
            const ssize_t got = ::read(queue_, buffer.data(), buffer.size());
            if (got < 0 && errno == EINTR) continue;
            if (got < 0 && errno == EAGAIN) return {};
            if (got <= 0)
                return fail(Code::io, say(message::cannot_read, "inotify", system_reason(errno)));
            take_events({buffer.data(), static_cast<size_t>(got)});
        }
    }

    void take_events(std::string_view bytes) {
        while (bytes.size() >= sizeof(inotify_event)) {
            inotify_event event{};
            std::memcpy(&event, bytes.data(), sizeof event);
            const size_t size = sizeof event + event.len;
            if (size > bytes.size()) return;
            const char* name = event.len > 0 ? bytes.data() + sizeof event : "";
            take_event(event, std::string(name, ::strnlen(name, event.len)));
            bytes.remove_prefix(size);
        }
    }

    void take_event(const inotify_event& event, const std::string& name) {
        if (event.mask & IN_Q_OVERFLOW) return note_everything();
        const auto found = folders_.find(event.wd);
        if (found == folders_.end()) return;
        if (event.mask & IN_IGNORED) {
            folders_.erase(found);
            return;
        }
        const Folder& folder = found->second;
        if (name.empty()) return;
        const std::string path = plain_path(fs::path(folder.path) / name);
        if (event.mask & IN_ISDIR) {
            if (folder.is_tree && (event.mask & (IN_CREATE | IN_MOVED_TO))) add_tree(path, true);
            return;
        }
        const auto& only = folder.only;
        if (!folder.is_tree && std::find(only.begin(), only.end(), name) == only.end()) return;
        found_.erase(path);
        const bool is_gone = event.mask & (IN_DELETE | IN_MOVED_FROM);
        note(path, event.mask & (IN_CLOSE_WRITE | IN_MOVED_TO), is_gone);
    }

    void note(const std::string& path, bool is_closed, bool is_gone) {
        const auto now = Clock::now();
        const auto [place, is_new] = pending_.emplace(path, Pending{now, now, is_closed, is_gone});
        if (is_new) return;
        place->second.last = now;
        place->second.is_closed = is_closed;  // opened and written again: no longer closed
        place->second.is_gone = is_gone;
    }

    void note_everything() {
        std::vector<std::string> present;
        for (const auto* list : {&roots_, &files_}) {
            for (const std::string& path : *list) {
                std::error_code ignored;
                if (fs::exists(path, ignored)) present.push_back(path);
            }
        }
        for (const std::string& root : std::vector<std::string>(roots_)) add_tree(root, true);
        if (const auto listing = list_objects(present)) {
            for (const Object& object : listing->objects) note(object.path, true, false);
        }
    }

    std::vector<Change> take_ready() {
        std::vector<Change> ready;
        const auto now = Clock::now();
        for (auto at = pending_.begin(); at != pending_.end();) {
            if (ready_at(at->second) > now) {
                ++at;
                continue;
            }
            ready.push_back({at->first, at->second.is_closed, at->second.is_gone});
            at = pending_.erase(at);
        }
        for (auto at = found_.begin(); at != found_.end();) {
            if (at->second > now) {
                ++at;
                continue;
            }
            ready.push_back({at->first, true, false});
            at = found_.erase(at);
        }
        return ready;
    }

    int queue_;
    size_t most_folders_;
    bool sees_all_ = true;
    std::unordered_map<int, Folder> folders_;
    std::vector<std::string> roots_;
    std::vector<std::string> files_;
    std::map<std::string, Pending> pending_;
    // Files that were in a new folder before we watched it, and when they count as closed: who
    // still writes to one is heard of until then.
    std::map<std::string, Clock::time_point> found_;
};

}  // namespace

FolderWatch::FolderWatch(std::vector<std::string> paths, std::unique_ptr<Impl> impl)
    : paths_(std::move(paths)), impl_(std::move(impl)) {}
FolderWatch::~FolderWatch() = default;
FolderWatch::FolderWatch(FolderWatch&&) noexcept = default;
FolderWatch& FolderWatch::operator=(FolderWatch&&) noexcept = default;

Result<FolderWatch> FolderWatch::open(const std::vector<std::string>& paths,
                                      const WatchOptions& options) {
    for (const std::string& path : paths) {
        struct stat status {};
        if (::stat(path.c_str(), &status) == 0) continue;
        return fail(errno == ENOENT ? Code::not_found : Code::io,
                    say(message::cannot_open, path, system_reason(errno)));
    }
    const auto poll = [&] {
        return FolderWatch(paths, std::make_unique<Poller>(paths, Poller::Before::known));
    };
    const int queue = options.poll ? -1 : ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (queue < 0) return poll();
    auto notifier = std::make_unique<Notifier>(queue, options.most_folders);
    for (const std::string& path : paths) {
        if (!notifier->add(path)) return poll();
    }
    return FolderWatch(paths, std::move(notifier));
}

Result<std::vector<Change>> FolderWatch::wait(std::chrono::milliseconds timeout) {
    YAGURA_TRY(auto changes, impl_->wait(timeout));
    // A folder came that the kernel will not watch: what is in it, and was told of before, is told.
    if (!impl_->sees_all()) impl_ = std::make_unique<Poller>(paths_, Poller::Before::told_too);
    return changes;
}

bool FolderWatch::is_polling() const {
    return impl_->is_polling();
}

}  // namespace yagura::source
