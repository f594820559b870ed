#include "store/segment.h"

#include "store/parquet.h"
#include "store/side_index.h"

namespace yagura::store {
namespace {

// zstd's levels. Ingest waits for its segments; a compacted one is written once and kept, and level
// 9 takes a fifth off long JSON texts, beyond which little more is gained for much time.
constexpr int kFast = 1;
constexpr int kThorough = 9;

}  // namespace

Result<NewSegment> write_new_segment(const std::filesystem::path& lake,
                                     const RowBuffer& rows,
                                     const SegmentName& name) {
    Segment segment;
    segment.id = name.id;
    segment.log_type = rows.schema().log_type().name;
    segment.day = name.day;
    segment.level = name.level;
    segment.file = segment_file(segment.log_type, segment.day, segment.id);
    segment.rows = rows.rows();
    segment.min_time = rows.min_time();
    segment.max_time = rows.max_time();
    const auto path = lake / segment.file;
    YAGURA_CHECK(make_folder(path.parent_path()));
    const std::vector<uint32_t> order = rows.time_order();
    failpoint("before_segment_write");
    YAGURA_TRY(auto index, NewFile::create(lake / index_file(segment.file)));
    const std::string index_bytes = build_side_index(rows, order);
    YAGURA_CHECK(index.write(index_bytes));
    index.begin_sync();
    segment.index_checksum = sha256(index_bytes);
    YAGURA_TRY(auto file, NewFile::create(path));
    YAGURA_CHECK(
        write_parquet(rows, order, file, {.zstd_level = name.is_thorough ? kThorough : kFast}));
    file.begin_sync();
    segment.bytes = file.size();
    YAGURA_TRY(segment.checksum, file.checksum());
    return NewSegment{std::move(segment), std::move(file), std::move(index)};
}

Result<Segment> publish(const std::filesystem::path& lake, NewSegment written) {
    YAGURA_CHECK(written.index.publish());
    YAGURA_CHECK(written.file.publish());
    failpoint("after_segment_rename");
    YAGURA_CHECK(sync_folder((lake / written.segment.file).parent_path()));
    written.segment.changed = current_time();
    return std::move(written.segment);
}

Result<Segment> write_segment(const std::filesystem::path& lake,
                              const RowBuffer& rows,
                              const SegmentName& name) {
    YAGURA_TRY(auto written, write_new_segment(lake, rows, name));
    return publish(lake, std::move(written));
}

void remove_segment_files(const std::filesystem::path& lake, const Segment& segment) {
    std::error_code ignored;
    std::filesystem::remove(lake / segment.file, ignored);
    std::filesystem::remove(lake / index_file(segment.file), ignored);
}

}  // namespace yagura::store
