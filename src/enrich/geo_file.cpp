#include "enrich/geo_file.h"

#include <algorithm>
#include <charconv>
#include <fstream>

#include <sys/stat.h>

#include "base/messages/enrich.h"
#include "base/text.h"

namespace yagura::enrich {
namespace {

constexpr size_t kTail = (128u << 10) + 64;  // where the mark of a database stands
constexpr uint64_t kMostJson = 64u << 20;
constexpr size_t kLongestText = 200;

bool is_country_code(std::string_view text) {
    const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
    return text.size() == 2 && is_capital(text[0]) && is_capital(text[1]);
}

// Publishers name things differently; the first that is there counts.
std::string first_text(const Mmdb::Record& record,
                       std::initializer_list<Mmdb::Record::Path> paths) {
    for (const auto& path : paths)
        if (const auto text = record.text(path); !text.empty())
            return std::string(text.substr(0, kLongestText));
    return {};
}

std::string country_of(const Mmdb::Record& record) {
    for (const std::string& text : {first_text(record, {{"country", "iso_code"}}),
                                    first_text(record, {{"country_code"}}),
                                    first_text(record, {{"country"}})})
        if (is_country_code(text)) return text;
    return {};
}

Name country_name_of(const Mmdb::Record& record) {
    Name name{first_text(record, {{"country", "names", "en"}, {"country_name"}, {"country"}}),
              first_text(record, {{"country", "names", "ja"}})};
    if (is_country_code(name.english)) name.english.clear();
    return name;
}

Name city_of(const Mmdb::Record& record) {
    return {first_text(record, {{"city", "names", "en"}, {"city"}}),
            first_text(record, {{"city", "names", "ja"}})};
}

// A number, or a text such as "AS64496".
std::optional<uint32_t> asn_of(const Mmdb::Record& record) {
    auto number = record.number({"autonomous_system_number"});
    if (!number) number = record.number({"traits", "autonomous_system_number"});
    if (number && *number > 0 && *number <= UINT32_MAX) return static_cast<uint32_t>(*number);
    const std::string_view text = record.text({"asn"});
    if (!text.starts_with("AS")) return std::nullopt;
    uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data() + 2, text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::string organisation_of(const Mmdb::Record& record) {
    return first_text(record,
                      {{"autonomous_system_organization"},
                       {"traits", "autonomous_system_organization"},
                       {"as_name"},
                       {"name"}});
}

void add_record(Place& place, const Mmdb::Record& record) {
    const std::string country = country_of(record);
    if (place.country.empty() && !country.empty()) {
        place.country = country;
        place.country_name = country_name_of(record);
    }
    // A city of another country than the one we have said would be a contradiction.
    if (place.city.empty() && (country.empty() || country == place.country))
        place.city = city_of(record);
    if (place.asn) return;
    place.asn = asn_of(record);
    if (place.asn) place.organisation = organisation_of(record);
}

bool is_of_use(const Mmdb& database) {
    constexpr size_t kSome = 200;
    const auto some = database.sample(kSome);
    return std::any_of(some.begin(), some.end(), [](const Mmdb::Record& record) {
        Place place;
        add_record(place, record);
        return !place.country.empty() || !place.city.empty() || place.asn;
    });
}

std::string read_part(std::ifstream& in, uint64_t from, uint64_t size) {
    std::string text(size, '\0');
    in.clear();
    in.seekg(static_cast<std::streamoff>(from));
    in.read(text.data(), static_cast<std::streamsize>(size));
    text.resize(static_cast<size_t>(std::max<std::streamsize>(0, in.gcount())));
    return text;
}

}  // namespace

std::optional<FileStamp> stamp_of(const std::filesystem::path& file) {
    struct stat info {};
    if (stat(file.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
    return FileStamp{info.st_dev,
                     info.st_ino,
                     static_cast<uint64_t>(info.st_size),
                     info.st_mtim.tv_sec * int64_t{1'000'000'000} + info.st_mtim.tv_nsec};
}

Result<std::shared_ptr<const GeoFile>> GeoFile::open(const std::filesystem::path& file) {
    using Opened = std::shared_ptr<const GeoFile>;
    const auto stamp = stamp_of(file);
    std::ifstream in(file, std::ios::binary);
    if (!stamp || !in) return fail(Code::io, say(message::enrich_unreadable));
    const uint64_t tail = std::min<uint64_t>(stamp->size, kTail);
    if (Mmdb::is_likely(read_part(in, stamp->size - tail, tail))) {
        YAGURA_TRY(Mmdb database, Mmdb::open(file));
        if (!is_of_use(database))
            return fail(Code::unsupported, say(message::enrich_no_use, database.type()));
        return Opened(new GeoFile(std::move(database)));
    }
    const std::string head = read_part(in, 0, std::min<uint64_t>(stamp->size, 4096));
    const bool is_list = trim(head).starts_with('{') && stamp->size <= kMostJson &&
                         head.find("\"prefixes\"") != std::string::npos;
    if (!is_list) return Opened();
    YAGURA_TRY(AwsRanges ranges, AwsRanges::read(read_part(in, 0, stamp->size)));
    return Opened(new GeoFile(std::move(ranges)));
}

void GeoFile::add_to(Place& place, const IpAddress& address) const {
    if (const auto* ranges = std::get_if<AwsRanges>(&kept_)) {
        const AwsRange* range = place.aws_service.empty() ? ranges->find(address) : nullptr;
        if (!range) return;
        place.aws_service = range->service;
        place.aws_region = range->region;
    } else if (const auto record = std::get<Mmdb>(kept_).find(address)) {
        add_record(place, *record);
    }
}

std::string GeoFile::title() const {
    const auto* database = std::get_if<Mmdb>(&kept_);
    return database ? database->type() : "AWS ip-ranges.json";
}

std::optional<Timestamp> GeoFile::built() const {
    return std::visit([](const auto& kept) { return kept.built(); }, kept_);
}

}  // namespace yagura::enrich
