#include "server/certificate_watch.h"

#include <sys/stat.h>

namespace yagura::server {

CertificateWatch::CertificateWatch(const Options& options) : options_(options) {
    if (!options_.certificate.empty()) used_ = seen_ = look();
}

CertificateWatch::Stamp CertificateWatch::stamp_of(const std::filesystem::path& file) {
    struct stat info {};
    if (stat(file.c_str(), &info) != 0) return {};
    return {info.st_ino,
            static_cast<uint64_t>(info.st_size),
            info.st_mtim.tv_sec * int64_t{1'000'000'000} + info.st_mtim.tv_nsec};
}

bool CertificateWatch::is_changed(Clock::time_point now) {
    if (options_.certificate.empty() || now < next_) return false;
    next_ = now + options_.certificate_look;
    const Pair pair = look();
    const bool has_settled = pair == seen_;
    seen_ = pair;
    if (!has_settled || pair == used_) return false;
    used_ = pair;
    return true;
}

}  // namespace yagura::server
