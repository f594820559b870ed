#include "enrich/aws_ranges.h"

#include <algorithm>
#include <charconv>
#include <tuple>

#include <simdjson.h>

#include "base/messages/enrich.h"
#include "base/text.h"

namespace yagura::enrich {
namespace {

namespace dom = simdjson::dom;

constexpr size_t kMostRanges = 1'000'000;  // the list of 2026 has about ten thousand
constexpr size_t kLongestName = 64;

// Every block is listed as AMAZON, and many parts of EC2 also under the service that runs there.
int weight_of(std::string_view service) {
    if (service == "AMAZON") return 0;
    return service == "EC2" ? 1 : 2;
}

std::string name_in(const dom::element& entry, const char* key) {
    std::string_view text;
    if (entry[key].get(text) != simdjson::SUCCESS) return {};
    return printable(text.substr(0, kLongestName));
}

Result<void> add_list(const dom::element& list, const char* key, std::vector<AwsRange>& out) {
    dom::array entries;
    if (list.get(entries) != simdjson::SUCCESS)
        return fail(Code::invalid,
                    say(message::enrich_bad_ranges, say(message::enrich_no_prefixes)));
    for (const dom::element entry : entries) {
        std::string_view text;
        if (entry[key].get(text) != simdjson::SUCCESS) text = {};
        const auto block = Cidr::parse(text);
        if (!block) {
            const std::string shown = printable(text.substr(0, kLongestName));
            return fail(Code::invalid,
                        say(message::enrich_bad_ranges, say(message::enrich_bad_prefix, shown)));
        }
        if (out.size() >= kMostRanges) break;
        out.push_back({*block, name_in(entry, "service"), name_in(entry, "region")});
    }
    return {};
}

IpAddress masked(IpAddress address, int prefix) {
    const int kept = prefix + (address.is_v4 ? 96 : 0);
    for (int bit = kept; bit < 128; ++bit)
        address.bytes[static_cast<size_t>(bit / 8)] &= static_cast<uint8_t>(~(1u << (7 - bit % 8)));
    return address;
}

// "syncToken": seconds since 1970, as a text.
std::optional<Timestamp> time_of(const dom::element& list) {
    std::string_view text;
    if (list["syncToken"].get(text) != simdjson::SUCCESS) return std::nullopt;
    int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    const bool is_time = error == std::errc() && end == text.data() + text.size() && seconds > 0 &&
                         seconds < (int64_t{1} << 40);
    if (!is_time) return std::nullopt;
    return Timestamp(std::chrono::seconds(seconds));
}

}  // namespace

Result<AwsRanges> AwsRanges::read(std::string_view json) {
    dom::parser parser;
    dom::element list;
    if (const auto error = parser.parse(json.data(), json.size()).get(list))
        return fail(Code::invalid, say(message::enrich_bad_ranges, simdjson::error_message(error)));
    AwsRanges made;
    dom::element v4, v6;
    if (list["prefixes"].get(v4) != simdjson::SUCCESS)
        return fail(Code::invalid,
                    say(message::enrich_bad_ranges, say(message::enrich_no_prefixes)));
    YAGURA_CHECK(add_list(v4, "ip_prefix", made.ranges_));
    if (list["ipv6_prefixes"].get(v6) == simdjson::SUCCESS)
        YAGURA_CHECK(add_list(v6, "ipv6_prefix", made.ranges_));
    made.built_ = time_of(list);

    const auto order = [](const AwsRange& range) {
        return std::tuple(range.block.base.is_v4,
                          -range.block.prefix,
                          range.block.base.bytes,
                          -weight_of(range.service));
    };
    std::stable_sort(made.ranges_.begin(),
                     made.ranges_.end(),
                     [&](const AwsRange& a, const AwsRange& b) { return order(a) < order(b); });
    for (size_t i = 0; i < made.ranges_.size(); ++i) {
        const Cidr& block = made.ranges_[i].block;
        const bool is_same = !made.groups_.empty() &&
                             made.groups_.back().is_v4 == block.base.is_v4 &&
                             made.groups_.back().prefix == block.prefix;
        if (!is_same) made.groups_.push_back({i, i, block.base.is_v4, block.prefix});
        made.groups_.back().end = i + 1;
    }
    return made;
}

const AwsRange* AwsRanges::find(const IpAddress& address) const {
    for (const Group& group : groups_) {
        if (group.is_v4 != address.is_v4) continue;
        const IpAddress base = masked(address, group.prefix);
        const auto begin = ranges_.begin() + static_cast<ptrdiff_t>(group.begin);
        const auto end = ranges_.begin() + static_cast<ptrdiff_t>(group.end);
        const auto at =
            std::lower_bound(begin, end, base, [](const AwsRange& range, const IpAddress& key) {
                return range.block.base.bytes < key.bytes;
            });
        if (at != end && at->block.base == base) return &*at;
    }
    return nullptr;
}

}  // namespace yagura::enrich
