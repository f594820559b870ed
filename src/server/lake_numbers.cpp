#include "server/lake_numbers.h"

#include <utility>

namespace yagura::server {

Result<LakeNumbers::Sums> LakeNumbers::read() {
    const std::lock_guard lock(mutex_);
    if (!lake_) {
        YAGURA_TRY(auto opened, store::Lake::open(folder_));
        lake_ = std::move(opened);
    }
    auto snapshot = lake_->snapshot();
    if (!snapshot) {
        lake_.reset();
        return tl::unexpected<Error>(std::move(snapshot).error());
    }
    Sums sums;
    for (const std::string& type : snapshot->log_types()) {
        double rows = 0;
        double bytes = 0;
        for (const store::Segment* segment : snapshot->segments(type)) {
            rows += static_cast<double>(segment->rows);
            bytes += static_cast<double>(segment->bytes);
        }
        sums.rows.emplace_back(type, rows);
        sums.bytes.emplace_back(type, bytes);
    }
    return sums;
}

void LakeNumbers::add_to(Metrics& metrics) {
    metrics.gauges("yagura_lake_rows", "events in the lake", "log_type", [this] {
        auto sums = read();
        return sums ? std::move(sums->rows) : Metrics::Samples();
    });
    metrics.gauges("yagura_lake_bytes", "bytes of segments in the lake", "log_type", [this] {
        auto sums = read();
        return sums ? std::move(sums->bytes) : Metrics::Samples();
    });
}

Result<void> LakeNumbers::verify() {
    YAGURA_CHECK(read());
    return {};
}

}  // namespace yagura::server
