// What a writer does beside taking rows in: telling, replacing, removing.
#include <algorithm>

#include "store/sweep.h"
#include "store/writer_impl.h"

namespace yagura::store {

std::vector<Segment> Writer::segments() const {
    const std::lock_guard guard(impl_->mutex);
    return impl_->segments;
}

int64_t Writer::next_segment() const {
    const std::lock_guard guard(impl_->mutex);
    return impl_->next_segment;
}

int64_t Writer::take_segment_id() {
    return impl_->take_segment_id();
}

Result<std::optional<LedgerObject>> Writer::latest_at(const std::string& path) {
    const std::lock_guard guard(impl_->mutex);
    return impl_->latest_at(path);
}

Result<void> Writer::tell(std::vector<FiringKey> firings, std::vector<KeptFinding> findings) {
    const std::lock_guard guard(impl_->mutex);
    return impl_->catalog->tell(std::move(firings), std::move(findings));
}

void Writer::keep_streams(std::vector<uint64_t> ids) {
    const std::lock_guard guard(impl_->mutex);
    impl_->streams = std::move(ids);
}

Result<void> Writer::replace(std::vector<Segment> published, std::vector<int64_t> retired) {
    Commit commit;
    YAGURA_TRY(const auto signals, impl_->catalog->signals_of_all(retired));
    commit.signals = merge_signals(signals, published);
    const std::lock_guard guard(impl_->mutex);
    commit.publish = published;
    commit.retire = retired;
    YAGURA_CHECK(impl_->catalog->commit(commit));
    std::erase_if(impl_->segments, [&](const Segment& segment) {
        return std::find(retired.begin(), retired.end(), segment.id) != retired.end();
    });
    std::move(published.begin(), published.end(), std::back_inserter(impl_->segments));
    YAGURA_TRY(impl_->generation, impl_->catalog->generation());
    return {};
}

Result<void> Writer::remove_objects(const std::string& prefix,
                                    const std::vector<int64_t>& segments) {
    {
        const std::lock_guard guard(impl_->mutex);
        YAGURA_CHECK(impl_->catalog->remove_objects(prefix, segments));
        std::erase_if(impl_->segments, [&](const Segment& segment) {
            return std::find(segments.begin(), segments.end(), segment.id) != segments.end();
        });
        YAGURA_TRY(impl_->generation, impl_->catalog->generation());
    }
    impl_->seen.forget();
    return {};
}

Result<void> Writer::remove_retired() {
    const std::lock_guard guard(impl_->mutex);
    return store::remove_retired(impl_->lake, *impl_->catalog.hold(), impl_->options.grace);
}

}  // namespace yagura::store
