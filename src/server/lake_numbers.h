// How much a lake holds, for /metrics and /readyz.
#pragma once

#include <filesystem>
#include <mutex>
#include <optional>

#include "base/metrics.h"
#include "base/result.h"
#include "store/lake.h"

namespace yagura::server {

// Keeps the lake open, so that asking costs little while nothing changes. Thread-safe.
class LakeNumbers {
  public:
    explicit LakeNumbers(std::filesystem::path folder) : folder_(std::move(folder)) {}

    // yagura_lake_rows{log_type}, yagura_lake_bytes{log_type}; this must outlive `metrics`' use.
    void add_to(Metrics& metrics);
    // Can the lake be read?
    Result<void> verify();

  private:
    struct Sums {
        Metrics::Samples rows, bytes;
    };
    Result<Sums> read();

    const std::filesystem::path folder_;
    std::mutex mutex_;
    std::optional<store::Lake> lake_;
};

}  // namespace yagura::server
