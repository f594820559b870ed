#include "source/object.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/language.h"
#include "base/messages/base.h"
#include "base/messages/source.h"
#include "base/system_reason.h"

namespace yagura::source {
namespace {

namespace fs = std::filesystem;

Timestamp modified_of(const struct stat& status) {
    return from_micros(int64_t{status.st_mtim.tv_sec} * 1'000'000 + status.st_mtim.tv_nsec / 1000);
}

Object file_object(std::string path, const struct stat& status) {
    return {std::move(path), static_cast<uint64_t>(status.st_size), modified_of(status), false};
}

// True when `path`, all links resolved, lies in `root` (itself resolved).
bool is_inside(const fs::path& root, const fs::path& path) {
    const auto [in_root, in_path] =
        std::mismatch(root.begin(), root.end(), path.begin(), path.end());
    return in_root == root.end();
}

// "logs//a.json" and "logs/./a.json" are one path.
std::string plain_path(const std::string& path) {
    return path == kStandardInput ? path : fs::path(path).lexically_normal().string();
}

// What stands before the names in a folder, so that their paths are plain.
std::string prefix_of(const std::string& folder) {
    std::string path = plain_path(folder + "/x");
    path.pop_back();
    return path;
}

class Lister {
  public:
    explicit Lister(Listing& listing) : listing_(listing) {}

    Result<void> add_given(const std::string& path);

  private:
    void walk_folder(const std::string& folder);
    void add_entry(int folder,
                   const char* name,
                   std::string path,
                   const fs::path& root,
                   std::vector<std::string>& folders);
    void add_link(const std::string& path, const fs::path& root);
    void skip(std::string path, FaultCode code, std::string reason) {
        listing_.skipped.push_back({std::move(path), code, std::move(reason)});
    }

    Listing& listing_;
};

Result<void> Lister::add_given(const std::string& path) {
    if (path == kStandardInput) {
        listing_.objects.push_back({path, 0, {}, true});
        return {};
    }
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        const int error = errno;
        const Code code = error == ENOENT || error == ENOTDIR ? Code::not_found : Code::io;
        return fail(code, say(message::cannot_open, path, system_reason(error)));
    }
    if (S_ISDIR(status.st_mode)) {
        walk_folder(path);
    } else if (S_ISREG(status.st_mode)) {
        listing_.objects.push_back(file_object(plain_path(path), status));
    } else if (S_ISFIFO(status.st_mode)) {
        listing_.objects.push_back({plain_path(path), 0, modified_of(status), true});
    } else {
        // A device could be endless; nobody keeps logs in a socket.
        return fail(Code::invalid, say(message::not_a_file, path));
    }
    return {};
}

void Lister::walk_folder(const std::string& folder) {
    std::error_code error;
    const fs::path root = fs::canonical(folder, error);
    if (error) return skip(folder, FaultCode::unreadable, system_reason(error.value()));
    // An own stack instead of recursion: the depth of a stranger's folders is not ours to choose.
    std::vector<std::string> folders{folder};
    while (!folders.empty()) {
        const std::string current = std::move(folders.back());
        folders.pop_back();
        const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(current.c_str()), ::closedir);
        if (!open) {
            skip(current, FaultCode::unreadable, system_reason(errno));
            continue;
        }
        const std::string prefix = prefix_of(current);
        errno = 0;
        for (; const dirent* entry = ::readdir(open.get()); errno = 0) {
            const std::string_view name = entry->d_name;
            if (name != "." && name != "..")
                add_entry(
                    ::dirfd(open.get()), entry->d_name, prefix + entry->d_name, root, folders);
        }
        if (errno != 0) skip(current, FaultCode::unreadable, system_reason(errno));
    }
}

// Asked of the open folder: a look-up of the whole path took longer than all else here.
void Lister::add_entry(int folder,
                       const char* name,
                       std::string path,
                       const fs::path& root,
                       std::vector<std::string>& folders) {
    struct stat status {};
    if (::fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        skip(std::move(path), FaultCode::unreadable, system_reason(errno));
    } else if (S_ISLNK(status.st_mode)) {
        add_link(path, root);
    } else if (S_ISDIR(status.st_mode)) {
        folders.push_back(std::move(path));
    } else if (S_ISREG(status.st_mode)) {
        listing_.objects.push_back(file_object(std::move(path), status));
    } else {
        skip(std::move(path), FaultCode::special_file, "");
    }
}

void Lister::add_link(const std::string& path, const fs::path& root) {
    std::error_code error;
    const fs::path target = fs::canonical(path, error);
    struct stat status {};
    if (error) return skip(path, FaultCode::unreadable, system_reason(error.value()));
    if (::stat(target.c_str(), &status) != 0) {
        return skip(path, FaultCode::unreadable, system_reason(errno));
    }
    const bool inside = is_inside(root, target);
    if (!inside) return skip(path, FaultCode::leads_outside, target.string());
    if (S_ISDIR(status.st_mode)) return;  // its files are met on the way through `root` itself
    if (!S_ISREG(status.st_mode)) return skip(path, FaultCode::special_file, "");
    listing_.objects.push_back(file_object(path, status));
}

}  // namespace

Result<Listing> list_objects(std::span<const std::string> paths) {
    Listing listing;
    Lister lister(listing);
    for (const std::string& path : paths) YAGURA_CHECK(lister.add_given(path));
    auto& objects = listing.objects;
    std::sort(objects.begin(), objects.end(), [](const Object& a, const Object& b) {
        return a.path < b.path;
    });
    const auto same = [](const Object& a, const Object& b) { return a.path == b.path; };
    objects.erase(std::unique(objects.begin(), objects.end(), same), objects.end());
    std::sort(listing.skipped.begin(),
              listing.skipped.end(),
              [](const Skipped& a, const Skipped& b) { return a.path < b.path; });
    for (const Object& object : objects) listing.total_bytes += object.size;
    return listing;
}

}  // namespace yagura::source
