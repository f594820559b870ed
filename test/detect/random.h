// Random correlations and random matches for them.
#pragma once

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "detect/made.h"

namespace yagura::detect {

inline std::vector<Row> random_rows(std::mt19937& random, uint32_t references) {
    std::vector<Row> rows;
    const size_t count = 1 + random() % 60;
    const int64_t range = 5 + static_cast<int64_t>(random() % 120);
    for (size_t i = 0; i < count; ++i) {
        Row row{.time = 1000 + static_cast<int64_t>(random() % static_cast<uint64_t>(range)),
                .rule = static_cast<uint32_t>(random() % references),
                .fields = {},
                .id = i + 1};
        if (random() % 10 != 0) row.fields["user"] = "user-" + std::to_string(random() % 3);
        row.fields["value"] = std::to_string(random() % 8);
        rows.push_back(row);
    }
    std::shuffle(rows.begin(), rows.end(), random);
    for (size_t i = 0; i < rows.size(); ++i) {
        rows[i].id = (i * 7919) % 1009 + 1;
        for (uint64_t about = rows[i].id % 7; about > 3; --about)
            rows[i].resources.push_back(fmt::format("AWS::S3::Bucket/b{}", rows[i].id % about));
    }
    return rows;
}

inline match::Correlation random_correlation(std::mt19937& random) {
    const auto type = static_cast<match::CorrelationType>(random() % 8);
    const bool temporal = type == match::CorrelationType::temporal ||
                          type == match::CorrelationType::temporal_ordered;
    const uint32_t references = temporal ? 2 + random() % 3 : 1 + random() % 2;
    match::Correlation made =
        correlation(type, 3 + static_cast<int64_t>(random() % 20), {}, references);
    made.window = static_cast<match::WindowKind>(random() % 3);
    made.gap = (1 + static_cast<int64_t>(random() % 6)) * 1'000'000;
    made.percentile = static_cast<double>(random() % 101);
    if (!temporal) {
        const auto kind = static_cast<match::Threshold::Kind>(random() % 6);
        made.thresholds = {bound(kind, static_cast<double>(random() % 7))};
        if (random() % 3 == 0) made.thresholds.push_back(at_least(random() % 4));
    } else if (random() % 3 == 0) {
        std::vector<match::Condition> parts;
        for (uint32_t i = 0; i < references; ++i) parts.push_back(seen(i));
        // Negated ones stand last, so that those before them are the references in order.
        if (type == match::CorrelationType::temporal && random() % 2 == 0)
            parts.back() = combined(match::Condition::Kind::negation, {parts.back()});
        made.condition =
            combined(random() % 2 == 0 ? match::Condition::Kind::all : match::Condition::Kind::any,
                     std::move(parts));
    }
    return made;
}

inline Lines with_evidence(const Told& told) {
    Lines lines;
    for (size_t i = 0; i < told.lines.size(); ++i)
        lines.push_back(told.lines[i] + " " + evidence_of(told.firings[i]));
    return lines;
}

inline Lines sorted(Lines lines) {
    std::sort(lines.begin(), lines.end());
    return lines;
}

}  // namespace yagura::detect
