// Where addresses are and whose they are, from databases the operator has (--geo). None is shipped.
//
//   YAGURA_TRY(const auto book, GeoBook::open({"/usr/share/GeoIP", "ip-ranges.json"}));
//   const Place place = book->look(*IpAddress::parse("81.2.69.142"));
//   place.country … place.city.in(language()) … place.asn … place.network …
//
// Files are told by their content: databases in the MaxMind format that hold countries, cities or
// autonomous systems, and the ip-ranges.json of AWS. Of a folder the files directly in it are
// looked at, and what is no database is passed over. Several may be given; each fills in what those
// before it left open. Without any, what an address is by itself (network.h) is still known.
//
// Thread-safe. refresh() reads again what was replaced; a broken new file leaves the old in use.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"
#include "base/language.h"
#include "base/result.h"
#include "base/time.h"
#include "enrich/network.h"

namespace yagura::enrich {

// A name as the database has it; either may be missing.
struct Name {
    std::string english, japanese;
    const std::string& in(Language language) const;
    bool empty() const { return english.empty() && japanese.empty(); }
};

struct Place {
    NetworkKind network = NetworkKind::global;
    std::string country;  // ISO 3166-1 alpha-2; empty: not known
    Name country_name;
    Name city;
    std::optional<uint32_t> asn;  // number of the autonomous system
    std::string organisation;     // that runs it
    std::string aws_service;      // Amazon's own, "EC2"; empty: not in the list, or no list
    std::string aws_region;       // "eu-west-1", "GLOBAL"

    // "Tokyo, Japan · AS2516 KDDI CORPORATION", "private network", "AWS EC2 us-east-1"; empty when
    // nothing is known but that it is a public address.
    std::string sentence(Language language) const;
};

// One file that is in use, or should be.
struct GeoSource {
    std::filesystem::path file;
    std::string title;               // "GeoLite2-City", "ip-ranges.json"
    std::optional<Timestamp> built;  // by whoever publishes it
    std::string problem;             // of a newer file that is not used; empty: none
};

class GeoBook {
  public:
    // No databases at all.
    GeoBook();
    ~GeoBook();

    // Every file named must be readable and right, every folder hold at least one.
    static Result<std::unique_ptr<GeoBook>> open(std::vector<std::filesystem::path> given);

    Place look(const IpAddress& address) const;
    // The same for text; nullopt when it is no address.
    std::optional<Place> look(std::string_view address) const;

    std::vector<GeoSource> sources() const;
    bool is_empty() const;

    // Reads again what was replaced, added or (in a folder) removed since; costs little when
    // nothing was. When another thread is at it, returns at once.
    void refresh();
    // The same, when the last time was long enough before `now`.
    void refresh_if_due(Timestamp now, std::chrono::seconds every = std::chrono::seconds(10));

  private:
    struct Shelf;
    explicit GeoBook(std::vector<std::filesystem::path> given);
    std::shared_ptr<const Shelf> shelf() const;

    const std::vector<std::filesystem::path> given_;
    std::mutex reading_;     // held by who refreshes
    Timestamp refreshed_{};  // by mutex_
    mutable std::mutex mutex_;
    std::shared_ptr<const Shelf> shelf_;  // shared with lookups under way while it is replaced
};

}  // namespace yagura::enrich
