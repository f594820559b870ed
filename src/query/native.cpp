#include "query/native.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <memory>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>
#include <re2/re2.h>

#include "base/hash.h"
#include "base/ip.h"
#include "base/text.h"
#include "query/constants.h"

namespace yagura::query {
namespace {

using sql::ColumnView;
using sql::FunctionOutput;
using sql::ScalarFunction;
using sql::Type;
using Arguments = std::span<const ColumnView>;

bool any_null(Arguments arguments, size_t row) {
    for (const ColumnView& argument : arguments) {
        if (argument.is_null(row)) return true;
    }
    return false;
}

// Wraps a function of one row. NULL arguments give NULL; so does an answer of nullopt.
template <class Row>
ScalarFunction per_row(std::string name,
                       std::vector<Type> parameters,
                       Type result,
                       Row row_function) {
    ScalarFunction function{std::move(name), std::move(parameters), result, false, {}};
    function.call = [row_function](Arguments arguments, size_t rows, FunctionOutput& out) {
        for (size_t row = 0; row < rows; ++row) {
            if (any_null(arguments, row)) continue;  // the engine's side makes these NULL
            if (const auto answer = row_function(arguments, row)) {
                out.set(row, *answer);
            } else {
                out.set_null(row);
            }
        }
    };
    return function;
}

std::optional<std::string> number_text(double number) {
    if (number == std::floor(number) && std::fabs(number) < 1e15)
        return fmt::format("{:.0f}", number);
    return fmt::format("{}", number);
}

std::optional<Timestamp> read_time(std::string_view text) {
    if (const auto time = parse_iso8601(text)) return time;
    return parse_epoch(text);
}

std::optional<int64_t> hex_number(std::string_view text) {
    if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (text.empty() || error != std::errc() || end != text.data() + text.size() ||
        value > INT64_MAX)
        return std::nullopt;
    return static_cast<int64_t>(value);
}

std::optional<int64_t> ip_number(std::string_view text) {
    const auto address = IpAddress::parse(text);
    if (!address || !address->is_v4) return std::nullopt;
    int64_t number = 0;
    for (size_t i = 12; i < 16; ++i) number = number * 256 + address->bytes[i];
    return number;
}

// Compiled patterns of one thread; queries have few.
const RE2* compiled(std::string_view pattern) {
    constexpr size_t kMost = 64;
    thread_local std::unordered_map<std::string, std::unique_ptr<RE2>, TextHash, std::equal_to<>>
        cache;
    const auto found = cache.find(pattern);
    if (found != cache.end()) return found->second.get();
    if (cache.size() >= kMost) cache.clear();
    RE2::Options options;
    options.set_log_errors(false);
    auto regex = std::make_unique<RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
    return cache.emplace(std::string(pattern), std::move(regex)).first->second.get();
}

std::optional<std::string_view> capture(std::string_view text,
                                        std::string_view pattern,
                                        int64_t group) {
    const RE2* regex = compiled(pattern);
    constexpr int kMostGroups = 64;
    re2::StringPiece parts[kMostGroups];
    if (!regex->ok() || group < 1 || group >= kMostGroups ||
        group > regex->NumberOfCapturingGroups())
        return std::nullopt;
    const re2::StringPiece whole(text.data(), text.size());
    if (!regex->Match(whole, 0, text.size(), RE2::UNANCHORED, parts, static_cast<int>(group) + 1))
        return std::nullopt;
    const re2::StringPiece& part = parts[group];
    if (part.data() == nullptr) return std::nullopt;
    return std::string_view(part.data(), part.size());
}

bool in_block(const IpAddress& address, std::string_view block) {
    const auto cidr = Cidr::parse(block);
    return cidr && cidr->contains(address);
}

bool in_any(const IpAddress& address, std::initializer_list<std::string_view> blocks) {
    for (const std::string_view block : blocks) {
        if (in_block(address, block)) return true;
    }
    return false;
}

std::vector<ScalarFunction> plain_functions() {
    std::vector<ScalarFunction> all;
    const auto text_of = [](Arguments in, size_t row, size_t index) { return in[index].text(row); };
    all.push_back(
        per_row("yagura_time_text", {Type::time}, Type::text, [](Arguments in, size_t row) {
            return std::optional<std::string>(format_iso8601(from_micros(in[0].integer(row))));
        }));
    all.push_back(
        per_row("yagura_number_text", {Type::real}, Type::text, [](Arguments in, size_t row) {
            return number_text(in[0].real(row));
        }));
    all.push_back(
        per_row("yagura_read_time", {Type::text}, Type::time, [=](Arguments in, size_t row) {
            return read_time(text_of(in, row, 0));
        }));
    all.push_back(per_row("yagura_number", {Type::text}, Type::real, [=](Arguments in, size_t row) {
        return read_number(text_of(in, row, 0));
    }));
    all.push_back(
        per_row("yagura_ip_family", {Type::text}, Type::integer, [=](Arguments in, size_t row) {
            const auto address = IpAddress::parse(text_of(in, row, 0));
            return std::optional<int64_t>(!address ? 0 : address->is_v4 ? 4 : 6);
        }));
    all.push_back(
        per_row("yagura_ip_kind", {Type::text}, Type::text, [=](Arguments in, size_t row) {
            return std::optional<std::string_view>(ip_kind(text_of(in, row, 0)));
        }));
    all.push_back(
        per_row("yagura_ip_number", {Type::text}, Type::integer, [=](Arguments in, size_t row) {
            return ip_number(text_of(in, row, 0));
        }));
    all.push_back(
        per_row("yagura_natural", {Type::text}, Type::text, [=](Arguments in, size_t row) {
            return std::optional<std::string>(natural_key(text_of(in, row, 0)));
        }));
    all.push_back(per_row("yagura_capture",
                          {Type::text, Type::text, Type::integer},
                          Type::text,
                          [=](Arguments in, size_t row) {
                              return capture(
                                  text_of(in, row, 0), text_of(in, row, 1), in[2].integer(row));
                          }));
    all.push_back(per_row("yagura_logfmt", {Type::text}, Type::text, [=](Arguments in, size_t row) {
        return logfmt_to_json(text_of(in, row, 0));
    }));
    all.push_back(per_row(
        "yagura_csv", {Type::text, Type::integer}, Type::text, [=](Arguments in, size_t row) {
            return csv_field(text_of(in, row, 0), in[1].integer(row));
        }));
    all.push_back(
        per_row("yagura_hex_number", {Type::text}, Type::integer, [=](Arguments in, size_t row) {
            return hex_number(text_of(in, row, 0));
        }));
    all.push_back(per_row(
        "yagura_parse_date", {Type::text, Type::text}, Type::time, [=](Arguments in, size_t row) {
            return parse_java_date(text_of(in, row, 0), text_of(in, row, 1));
        }));
    return all;
}

// The network stays the same for a whole chunk, so it is read once.
ScalarFunction in_subnet() {
    ScalarFunction function{"yagura_in_subnet", {Type::text, Type::text}, Type::boolean, false, {}};
    function.call = [](Arguments in, size_t rows, FunctionOutput& out) {
        std::string last;
        std::optional<Cidr> block;
        for (size_t row = 0; row < rows; ++row) {
            if (any_null(in, row)) continue;
            if (const std::string_view text = in[1].text(row); text != last || !block) {
                last = text;
                block = Cidr::parse(text);
            }
            const auto address = IpAddress::parse(in[0].text(row));
            out.set(row, address && block && block->contains(*address));
        }
    };
    return function;
}

}  // namespace

// Words before numbers; digits inside words by how many they are, then by value; everything else by
// code point.
std::string natural_key(std::string_view text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (!text.empty() && error == std::errc() && end == text.data() + text.size() &&
        !std::isnan(number)) {
        auto bits = std::bit_cast<uint64_t>(number);
        bits = (bits >> 63) != 0 ? ~bits : bits | (uint64_t{1} << 63);
        return fmt::format("1{:016x}", bits);
    }
    std::string key = "0";
    for (size_t i = 0; i < text.size();) {
        size_t stop = i;
        while (stop < text.size() && text[stop] >= '0' && text[stop] <= '9') ++stop;
        if (stop == i) {
            key += text[i++];
            continue;
        }
        while (i + 1 < stop && text[i] == '0') ++i;
        key += '0';
        key += static_cast<char>('!' + std::min<size_t>(stop - i, 90));
        key += text.substr(i, stop - i);
        i = stop;
    }
    return key;
}

// a=1 b="two words" c → {"a":"1","b":"two words","c":"true"}
std::optional<std::string> logfmt_to_json(std::string_view line) {
    std::string out;
    bool has_pair = false;
    for (size_t at = 0; at < line.size();) {
        at = std::min(line.find_first_not_of(" \t\r\n", at), line.size());
        const size_t key_end = std::min(line.find_first_of("= \t\r\n", at), line.size());
        const std::string_view key = line.substr(at, key_end - at);
        at = key_end;
        std::string value = "true";
        if (at < line.size() && line[at] == '=') {
            value.clear();
            has_pair = true;
            ++at;
            const bool quoted = at < line.size() && line[at] == '"';
            if (quoted) ++at;
            for (; at < line.size(); ++at) {
                if (quoted && line[at] == '\\' && at + 1 < line.size()) {
                    ++at;
                } else if (quoted ? line[at] == '"'
                                  : std::string_view(" \t\r\n").find(line[at]) !=
                                        std::string_view::npos) {
                    break;
                }
                value += line[at];
            }
            if (quoted && at < line.size()) ++at;
        }
        if (!key.empty())
            out += (out.empty() ? "{" : ",") + json_quote(key) + ":" + json_quote(value);
    }
    if (!has_pair || out.empty()) return std::nullopt;
    return out + "}";
}

// RFC 4180, one line.
std::optional<std::string> csv_field(std::string_view line, int64_t index) {
    size_t at = 0;
    for (int64_t field = 0;; ++field) {
        std::string value;
        if (at < line.size() && line[at] == '"') {
            for (++at; at < line.size(); ++at) {
                if (line[at] == '"' && (at + 1 >= line.size() || line[at + 1] != '"')) break;
                if (line[at] == '"') ++at;
                value += line[at];
            }
            at = std::min(line.find(',', at), line.size());
        } else {
            const size_t comma = std::min(line.find(',', at), line.size());
            value = trim(line.substr(at, comma - at));
            at = comma;
        }
        if (field == index) return value;
        if (at >= line.size()) return std::nullopt;
        ++at;
    }
}

std::string_view ip_kind(std::string_view text) {
    const auto address = IpAddress::parse(text);
    if (!address) return "";
    if (in_any(*address, {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"}))
        return "private";
    // IANA special-purpose registries.
    const bool reserved = address->is_v4 ? in_any(*address,
                                                  {"0.0.0.0/8",
                                                   "100.64.0.0/10",
                                                   "127.0.0.0/8",
                                                   "169.254.0.0/16",
                                                   "192.0.0.0/24",
                                                   "192.0.2.0/24",
                                                   "198.18.0.0/15",
                                                   "198.51.100.0/24",
                                                   "203.0.113.0/24",
                                                   "224.0.0.0/4",
                                                   "240.0.0.0/4"})
                                         : in_any(*address,
                                                  {"::/128",
                                                   "::1/128",
                                                   "64:ff9b:1::/48",
                                                   "100::/64",
                                                   "2001:db8::/32",
                                                   "fe80::/10",
                                                   "ff00::/8"});
    return reserved ? "reserved" : "public";
}

Result<void> add_functions(sql::Connection& connection, RecordSource source) {
    for (ScalarFunction& function : plain_functions())
        YAGURA_CHECK(connection.add_function(std::move(function)));
    YAGURA_CHECK(connection.add_function(in_subnet()));
    YAGURA_CHECK(connection.add_function(
        per_row("yagura_message",
                {Type::integer, Type::integer},
                Type::text,
                [fetch = std::move(source.message)](Arguments in,
                                                    size_t row) -> std::optional<std::string> {
                    if (!fetch) return std::nullopt;
                    return fetch(in[0].integer(row), in[1].integer(row));
                })));
    YAGURA_CHECK(connection.add_function(
        per_row("yagura_object",
                {Type::integer},
                Type::text,
                [name = std::move(source.object_name)](Arguments in,
                                                       size_t row) -> std::optional<std::string> {
                    if (!name) return std::nullopt;
                    return name(in[0].integer(row));
                })));
    YAGURA_CHECK(
        connection.add_function(per_row("yagura_object_time",
                                        {Type::integer},
                                        Type::time,
                                        [time = std::move(source.object_time)](
                                            Arguments in, size_t row) -> std::optional<Timestamp> {
                                            if (!time) return std::nullopt;
                                            return time(in[0].integer(row));
                                        })));
    return {};
}

}  // namespace yagura::query
