#include "enrich/geo_book.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/messages/enrich.h"
#include "base/text.h"
#include "enrich/geo_file.h"

namespace yagura::enrich {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostFiles = 64;  // databases in use
constexpr size_t kMostInFolder = 10'000;

// Names of files in a folder, sorted, so that the order of a folder is the same everywhere.
std::vector<fs::path> files_of(const fs::path& folder) {
    std::vector<fs::path> out;
    std::error_code failed;
    for (fs::directory_iterator at(folder, failed), end; !failed && at != end;
         at.increment(failed)) {
        if (at->path().filename().string().starts_with('.')) continue;  // half-written, of rsync
        out.push_back(at->path());
        if (out.size() >= kMostInFolder) break;
    }
    std::sort(out.begin(), out.end());
    return out;
}

// IPv4 written as IPv6: "::ffff:192.0.2.1", and behind a NAT64 "64:ff9b::192.0.2.1" (RFC 6052).
IpAddress plain_form(const IpAddress& address) {
    static const Cidr kMapped = *Cidr::parse("::ffff:0.0.0.0/96");
    static const Cidr kTranslated = *Cidr::parse("64:ff9b::/96");
    if (address.is_v4 || !(kMapped.contains(address) || kTranslated.contains(address)))
        return address;
    IpAddress out = address;
    std::fill(out.bytes.begin(), out.bytes.begin() + 10, uint8_t{0});
    out.bytes[10] = out.bytes[11] = 0xFF;
    out.is_v4 = true;
    return out;
}

}  // namespace

const std::string& Name::in(Language language) const {
    const bool wants_japanese = language == Language::japanese;
    const std::string& wanted = wants_japanese ? japanese : english;
    const std::string& other = wants_japanese ? english : japanese;
    return wanted.empty() ? other : wanted;
}

std::string Place::sentence(Language language) const {
    std::vector<std::string> parts;
    if (network != NetworkKind::global) parts.emplace_back(network_title(network, language));
    std::string country_words = country_name.in(language);
    if (country_words.empty()) country_words = country;
    std::string where = city.in(language);
    if (!where.empty() && !country_words.empty()) where += ", ";
    where += country_words;
    if (!where.empty()) parts.push_back(std::move(where));
    if (asn)
        parts.push_back(
            fmt::format("AS{}{}{}", *asn, organisation.empty() ? "" : " ", organisation));
    if (!aws_service.empty()) {
        std::vector<std::string> words{"AWS"};
        if (aws_service != "AMAZON") words.push_back(aws_service);
        if (!aws_region.empty()) words.push_back(aws_region);
        parts.push_back(fmt::format("{}", fmt::join(words, " ")));
    }
    return printable(fmt::format("{}", fmt::join(parts, " · ")));
}

// What is known of the files at one time.
struct GeoBook::Shelf {
    struct Item {
        FileStamp stamp;
        std::shared_ptr<const GeoFile> file;  // null: passed over
        std::string problem;                  // why the file of that stamp is not used
    };
    std::vector<fs::path> order;  // of those in use or with a problem
    std::map<fs::path, Item> items;
};

namespace {

template <class Item>
Item open_item(const fs::path& path, const FileStamp& stamp, const Item* before) {
    Item item{stamp, before ? before->file : nullptr, {}};
    auto opened = GeoFile::open(path);
    if (opened && (*opened || !item.file)) {
        item.file = std::move(*opened);
    } else {
        item.problem = opened ? say(message::enrich_unknown) : opened.error().sentence();
    }
    return item;
}

}  // namespace

GeoBook::GeoBook() : GeoBook(std::vector<fs::path>()) {}
GeoBook::GeoBook(std::vector<fs::path> given)
    : given_(std::move(given)), shelf_(std::make_shared<Shelf>()) {}
GeoBook::~GeoBook() = default;

std::shared_ptr<const GeoBook::Shelf> GeoBook::shelf() const {
    const std::lock_guard lock(mutex_);
    return shelf_;
}

Result<std::unique_ptr<GeoBook>> GeoBook::open(std::vector<fs::path> given) {
    std::unique_ptr<GeoBook> book(new GeoBook(std::move(given)));
    book->refresh();
    const auto shelf = book->shelf();
    const auto refused = [](const fs::path& path, const std::string& why, Code code) {
        return fail(code, say(message::enrich_during, printable(path.string())) + ": " + why);
    };
    for (const auto& [path, item] : shelf->items)
        if (!item.problem.empty()) return refused(path, item.problem, Code::invalid);
    if (shelf->order.size() > kMostFiles)
        return refused(
            book->given_.front(), say(message::enrich_too_many, kMostFiles), Code::limit);
    for (const fs::path& path : book->given_) {
        std::error_code ignored;
        const bool is_folder = fs::is_directory(path, ignored);
        const auto is_used = [&](const fs::path& file) {
            const auto item = shelf->items.find(file);
            return item != shelf->items.end() && item->second.file;
        };
        if (is_folder) {
            const auto files = files_of(path);
            if (std::none_of(files.begin(), files.end(), is_used))
                return refused(path, say(message::enrich_empty_folder), Code::not_found);
        } else if (!shelf->items.contains(path)) {
            return refused(path, say(message::enrich_missing), Code::not_found);
        } else if (!is_used(path)) {
            return refused(path, say(message::enrich_unknown), Code::invalid);
        }
    }
    return book;
}

void GeoBook::refresh() {
    const std::unique_lock reading(reading_, std::try_to_lock);
    if (!reading) return;
    const auto before = shelf();
    auto after = std::make_shared<Shelf>();
    bool is_new = false;
    const auto look_at = [&](const fs::path& path, bool may_go) {
        if (after->items.contains(path)) return;
        const auto known = before->items.find(path);
        const Shelf::Item* item = known == before->items.end() ? nullptr : &known->second;
        const auto stamp = stamp_of(path);
        if (!stamp && (may_go || !item)) return;
        Shelf::Item now;
        if (!stamp) {
            now = {FileStamp(), item->file, say(message::enrich_missing)};
            is_new = is_new || item->problem != now.problem;
        } else if (item && item->stamp == *stamp) {
            now = *item;
        } else {
            now = open_item(path, *stamp, item);
            is_new = true;
        }
        if (now.file || !now.problem.empty()) after->order.push_back(path);
        after->items.emplace(path, std::move(now));
    };
    for (const fs::path& path : given_) {
        std::error_code ignored;
        if (!fs::is_directory(path, ignored)) {
            look_at(path, false);
            continue;
        }
        for (const fs::path& file : files_of(path)) look_at(file, true);
    }
    if (!is_new && after->items.size() == before->items.size()) return;
    const std::lock_guard lock(mutex_);
    shelf_ = std::move(after);
}

void GeoBook::refresh_if_due(Timestamp now, std::chrono::seconds every) {
    {
        const std::lock_guard lock(mutex_);
        if (now - refreshed_ < every) return;
        refreshed_ = now;
    }
    if (!given_.empty()) refresh();
}

Place GeoBook::look(const IpAddress& address) const {
    const IpAddress plain = plain_form(address);
    Place place;
    place.network = network_kind(plain);
    const auto shelf = this->shelf();
    for (const fs::path& path : shelf->order)
        if (const auto& item = shelf->items.at(path); item.file) item.file->add_to(place, plain);
    return place;
}

std::optional<Place> GeoBook::look(std::string_view address) const {
    const auto parsed = IpAddress::parse(address);
    if (!parsed) return std::nullopt;
    return look(*parsed);
}

std::vector<GeoSource> GeoBook::sources() const {
    std::vector<GeoSource> out;
    const auto shelf = this->shelf();
    for (const fs::path& path : shelf->order) {
        const auto& item = shelf->items.at(path);
        GeoSource source{path, {}, {}, item.problem};
        if (item.file) {
            source.title = item.file->title();
            source.built = item.file->built();
        }
        out.push_back(std::move(source));
    }
    return out;
}

bool GeoBook::is_empty() const {
    return shelf()->order.empty();
}

}  // namespace yagura::enrich
