// Inside enrich/ only: one file of a GeoBook, told by its content.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "enrich/aws_ranges.h"
#include "enrich/geo_book.h"
#include "enrich/mmdb.h"

namespace yagura::enrich {

// Tells one state of a file from another.
struct FileStamp {
    uint64_t device = 0, inode = 0, size = 0;
    int64_t changed_ns = 0;
    friend bool operator==(const FileStamp&, const FileStamp&) = default;
};
// nullopt: not there, or no regular file.
std::optional<FileStamp> stamp_of(const std::filesystem::path& file);

class GeoFile {
  public:
    // nullptr: neither kind of file.
    static Result<std::shared_ptr<const GeoFile>> open(const std::filesystem::path& file);

    // Adds what `place` lacks.
    void add_to(Place& place, const IpAddress& address) const;

    std::string title() const;
    std::optional<Timestamp> built() const;

  private:
    explicit GeoFile(std::variant<Mmdb, AwsRanges> kept) : kept_(std::move(kept)) {}
    std::variant<Mmdb, AwsRanges> kept_;
};

}  // namespace yagura::enrich
