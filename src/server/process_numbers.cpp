// Read from /proc, see proc(5).
#include "server/process_numbers.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <sys/resource.h>
#include <unistd.h>

namespace yagura::server {
namespace {

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Pages of /proc/self/statm: 0 all, 1 resident.
double memory_bytes(size_t column) {
    std::ifstream file("/proc/self/statm");
    double pages = 0;
    for (size_t i = 0; i <= column; ++i) file >> pages;
    return pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double open_descriptors() {
    std::error_code failed;
    const std::filesystem::directory_iterator all("/proc/self/fd", failed);
    return failed ? 0 : static_cast<double>(std::distance(begin(all), end(all)));
}

double most_descriptors() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    return static_cast<double>(limit.rlim_cur);
}

double threads() {
    std::error_code failed;
    const std::filesystem::directory_iterator all("/proc/self/task", failed);
    return failed ? 0 : static_cast<double>(std::distance(begin(all), end(all)));
}

}  // namespace

void add_process_numbers(Metrics& metrics, std::string_view version) {
    const double now =
        std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    const auto one = [] { return 1.0; };
    metrics.gauge("yagura_build_info", "which build this is", one, {{"version", version}});
    metrics.gauge("process_start_time_seconds", "since 1970", [now] { return now; });
    metrics.total("process_cpu_seconds_total", "user and system", cpu_seconds);
    metrics.gauge("process_virtual_memory_bytes", "mapped", [] { return memory_bytes(0); });
    metrics.gauge("process_resident_memory_bytes", "in memory", [] { return memory_bytes(1); });
    metrics.gauge("process_open_fds", "open file descriptors", open_descriptors);
    metrics.gauge("process_max_fds", "descriptors that may be open", most_descriptors);
    metrics.gauge("process_threads", "threads", threads);
}

}  // namespace yagura::server
