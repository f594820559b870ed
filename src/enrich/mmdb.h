// Databases of what is known about addresses, in the MaxMind DB format (GeoLite2, DB-IP, IPinfo).
//
//   YAGURA_TRY(const auto file, Mmdb::open("GeoLite2-City.mmdb"));
//   const auto record = file.find(address);                        // nullopt: not in it
//   record->text({"country", "iso_code"})                          // "JP"; empty: none
//
// Format: https://maxmind.github.io/MaxMind-DB/, version 2.0. We read it ourselves: the library
// Debian 12 ships (libmaxminddb 1.7.1) recurses without bound over nested maps, so that a crafted
// file ends the program, and maps the file, so that cutting it does too. Here the file is read into
// memory once (tens of megabytes), every offset is checked, nothing recurses, and a lookup looks at
// a bounded number of values. Immutable, so any number of threads may look things up.
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"
#include "base/result.h"
#include "base/time.h"

namespace yagura::enrich {

class Mmdb {
  public:
    // One entry of the database. Points into it.
    class Record {
      public:
        using Path = std::initializer_list<std::string_view>;  // keys of maps; "0" of a list
        // Empty when there is none, when it is no text, or when it is not UTF-8.
        std::string_view text(Path path) const;
        std::optional<uint64_t> number(Path path) const;
        // Can all of it be read?
        bool is_whole() const;

      private:
        friend class Mmdb;
        Record(std::string_view data, size_t at) : data_(data), at_(at) {}
        std::string_view data_;
        size_t at_;
    };

    // Reads and checks the whole tree and a sample of the entries. Code::invalid: no database of
    // this format or a damaged one; Code::limit: above 2 GiB.
    static Result<Mmdb> open(const std::filesystem::path& file);
    static Result<Mmdb> read(std::string bytes);

    // Do these bytes, or the last 128 KiB of a file, hold the mark of the format?
    static bool is_likely(std::string_view tail);

    std::optional<Record> find(const IpAddress& address) const;

    const std::string& type() const { return type_; }  // "GeoLite2-City"
    std::optional<Timestamp> built() const { return built_; }
    // Entries spread over the whole database, at most about `most`.
    std::vector<Record> sample(size_t most) const;

  private:
    explicit Mmdb(std::string bytes) : bytes_(std::move(bytes)) {}
    Result<void> read_metadata(std::string_view metadata);
    Result<void> check_tree() const;
    uint32_t child(uint32_t node, bool right) const;
    std::string_view data() const;
    uint32_t entries_from() const;

    std::string bytes_;
    size_t data_begin_ = 0, data_end_ = 0;
    uint32_t nodes_ = 0;
    uint32_t record_bits_ = 0;
    uint32_t v4_start_ = 0;  // where the tree of a database of IPv6 holds IPv4: ::/96
    bool is_v6_ = false;
    std::string type_;
    std::optional<Timestamp> built_;
};

}  // namespace yagura::enrich
