#include "query/delivery.h"

#include <algorithm>
#include <numeric>

#include "query/rebuild.h"

namespace yagura::query {

Result<bool> Delivery::run(const Piece& piece, uint64_t limit) {
    SqlOptions options;
    options.tables = tables_of(snapshot_, plan_, piece.segments);
    options.range = piece.range;
    options.limit = limit - answer_.rows + 1;  // one more tells whether the limit cuts
    YAGURA_TRY(const SqlText text, write_sql(plan_, options));
    const Interruptible guard(impl_, *impl_.connection);
    YAGURA_TRY(auto rows, impl_.connection->query(text.sql, text.values));
    for (;;) {
        YAGURA_TRY(const bool more, rows.next());
        if (!more) return true;
        // A chunk is what the engine works with: about two thousand rows.
        YAGURA_TRY(const bool wanted, deliver(rows, text, piece.segments, limit));
        if (!wanted) return false;
    }
}

Result<bool> Delivery::deliver(const sql::Rows& rows,
                               const SqlText& text,
                               const Segments& segments,
                               uint64_t limit) {
    const size_t width = text.positions.size();
    std::vector<sql::Value> cells(rows.size() * width);
    for (size_t column = 0; column < width; ++column) {
        if (text.positions[column] < 0) continue;
        const auto& view = rows.column(static_cast<size_t>(text.positions[column]));
        for (size_t row = 0; row < rows.size(); ++row)
            cells[row * width + column] = view.value(row);
    }
    if (text.has_origin) YAGURA_CHECK(fill_messages(rows, text, segments, cells));
    for (size_t row = 0; row < rows.size(); ++row) {
        if (answer_.rows >= limit) return answer_.limited = true, false;
        ++answer_.rows;
        if (!sink_.row({cells.data() + row * width, width})) return false;
    }
    return true;
}

Result<void> Delivery::fill_messages(const sql::Rows& rows,
                                     const SqlText& text,
                                     const Segments& segments,
                                     std::vector<sql::Value>& cells) {
    const size_t width = text.positions.size();
    const size_t last = rows.columns().size();
    std::vector<Origin> origins(rows.size());
    for (size_t row = 0; row < rows.size(); ++row) {
        origins[row] = {rows.column(last - 2).integer(row), rows.column(last - 1).integer(row)};
    }
    // Object by object, so that each is inflated once.
    std::vector<size_t> order(rows.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::sort(
        order.begin(), order.end(), [&](size_t a, size_t b) { return origins[a] < origins[b]; });
    std::vector<Origin> gone;
    std::vector<std::string> messages(rows.size());
    for (const size_t row : order) {
        if (auto message = impl_.records.read(origins[row].object, origins[row].ordinal)) {
            messages[row] = std::move(*message);
        } else {
            gone.push_back(origins[row]);
        }
    }
    if (!gone.empty()) {
        answer_.rebuilt += gone.size();
        YAGURA_TRY(auto rebuilt,
                   rebuild_records(*impl_.database, snapshot_, plan_, segments, gone));
        for (size_t row = 0; row < rows.size(); ++row) {
            if (const auto found = rebuilt.find(origins[row]);
                messages[row].empty() && found != rebuilt.end())
                messages[row] = found->second;
        }
    }
    for (size_t row = 0; row < rows.size(); ++row) {
        for (size_t column = 0; column < width; ++column) {
            if (text.positions[column] < 0) cells[row * width + column] = messages[row];
        }
    }
    return {};
}

}  // namespace yagura::query
