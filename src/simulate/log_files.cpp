#include "simulate/log_files.h"

#include <atomic>
#include <cerrno>
#include <fstream>
#include <memory>
#include <mutex>
#include <optional>

#include <libdeflate.h>

#include "base/language.h"
#include "base/messages/base.h"
#include "base/system_reason.h"
#include "base/threads.h"

namespace yagura::simulate {
namespace {

constexpr int kLevel = 6;  // what AWS's own files look like

struct FreeCompressor {
    void operator()(libdeflate_compressor* compressor) const {
        libdeflate_free_compressor(compressor);
    }
};

// One compressor belongs to one thread.
class Gzip {
  public:
    Gzip() : compressor_(libdeflate_alloc_compressor(kLevel)) {}

    const std::string& compress(const std::string& text) {
        out_.resize(libdeflate_gzip_compress_bound(compressor_.get(), text.size()));
        out_.resize(libdeflate_gzip_compress(
            compressor_.get(), text.data(), text.size(), out_.data(), out_.size()));
        return out_;
    }

  private:
    std::unique_ptr<libdeflate_compressor, FreeCompressor> compressor_;
    std::string out_;
};

Result<void> write_file(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream stream(path, std::ios::binary);
    stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    stream.close();
    if (!stream)
        return fail(Code::io, say(message::cannot_write, path.string(), system_reason(errno)));
    return {};
}

}  // namespace

LogFiles::LogFiles(std::filesystem::path root, uint32_t threads)
    : root_(std::move(root)), threads_(threads > 0 ? threads : 1) {}

void LogFiles::add(std::string path, std::string text) {
    ++files_;
    bytes_ += text.size();
    pending_.push_back({std::move(path), std::move(text)});
}

Result<void> LogFiles::make_folders() {
    for (const File& file : pending_) {
        const std::string folder = file.path.substr(0, file.path.rfind('/'));
        if (!folders_.insert(folder).second) continue;
        std::error_code error;
        std::filesystem::create_directories(root_ / folder, error);
        if (error)
            return fail(Code::io,
                        say(message::cannot_write,
                            (root_ / folder).string(),
                            system_reason(error.value())));
    }
    return {};
}

Result<void> LogFiles::write() {
    YAGURA_CHECK(make_folders());
    std::atomic<size_t> next = 0;
    std::atomic<uint64_t> compressed = 0;
    std::mutex mutex;
    std::optional<Error> failure;
    const auto work = [&] {
        Gzip gzip;
        for (size_t i = next++; i < pending_.size(); i = next++) {
            const std::string& bytes = gzip.compress(pending_[i].text);
            compressed += bytes.size();
            if (auto written = write_file(root_ / pending_[i].path, bytes); !written) {
                const std::lock_guard lock(mutex);
                failure = written.error();
                return;
            }
        }
    };
    on_threads(threads_, work);
    pending_.clear();
    compressed_ += compressed;
    if (failure) return tl::unexpected<Error>(*failure);
    return {};
}

}  // namespace yagura::simulate
