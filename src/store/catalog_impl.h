// Inside store/ only: what is behind a Catalog, for the files that implement it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "sqlite/database.h"
#include "store/catalog.h"

namespace yagura::store {

// Hash of a row's values, each with its length.
class Seal {
  public:
    Seal& operator<<(std::string_view text) {
        *this << static_cast<int64_t>(text.size());
        bytes_ += text;
        return *this;
    }
    Seal& operator<<(int64_t number) {
        bytes_.append(reinterpret_cast<const char*>(&number), sizeof number);
        return *this;
    }
    int64_t value() const { return static_cast<int64_t>(hash64(bytes_)); }

  private:
    std::string bytes_;
};

struct Catalog::Impl {
    sqlite::Database database;
    std::string file;

    Error damaged(std::string what) const;
    Result<int64_t> meta(std::string_view key);
    Result<void> set_meta(std::string_view key, int64_t value);
    // Sums of seals wrap; what matters is that they are equal.
    Result<void> change_sum(std::string_view key, uint64_t added);

    // How many objects there are and what was unreadable of them. Kept beside the ledger, as
    // counting reads all of it; holds for the sum of seals it was noted with, which a program that
    // keeps no tally changes alone.
    struct Tally {
        int64_t objects = 0;
        int64_t faults = 0;
    };
    Result<Tally> tally();
    Result<Tally> count_objects();
    Result<void> keep(const Tally& tally);

    // For writing: what the format has and this lake lacks. The others are parts of it.
    Result<void> prepare();
    Result<void> prepare_format(bool created);
    Result<void> prepare_findings();
    Result<void> prepare_decided();
    Result<void> prepare_signals();
    Result<void> prepare_generations();
    Result<void> next_generation(const std::vector<Segment>& published,
                                 const std::vector<int64_t>& retired);
    Result<bool> has_signals();
    Result<void> put(const SegmentSignals& signals);
    Result<void> open_from(int64_t time);
    Result<void> put(const Decision& decision, int64_t memory);
    Result<void> put_firings(const std::vector<FiringKey>& firings);
    Result<void> remove_sealed(std::string_view table, int64_t id, int64_t seal);
    Result<std::vector<std::pair<int64_t, int64_t>>> ids_and_seals(std::string_view sql,
                                                                   std::string_view prefix);
    Result<void> remove_objects(std::string_view prefix, const std::vector<int64_t>& segments);
    Result<std::optional<LedgerObject>> one_object(sqlite::Statement& statement);
    Result<void> put(const Segment& segment);
    Result<void> put(const std::vector<LedgerObject>& objects, int64_t& next_object);
    enum class IfThere { keep, replace };
    Result<void> put(const LedgerObject& object, int64_t seal, IfThere if_there);
    Result<void> put(const Quarantined& quarantined);
    Result<void> put_findings(std::vector<KeptFinding> findings);
    Result<std::pair<KeptFinding, int64_t>> finding_like(const KeptFinding& wanted);
    Result<void> retire(int64_t id);
    Result<void> apply(const Commit& commit);
    void fold();
    Result<void> transaction(const std::function<Result<void>()>& body);
    // What `body` reads is of one moment. May be nested.
    Result<void> at_one_moment(const std::function<Result<void>()>& body);
    // Reads all rows of a table in one statement, hence of one moment, and checks the sum of their
    // seals. `visit` checks the row against its seal and returns the seal.
    using VisitSealed = std::function<Result<int64_t>(const sqlite::Statement&)>;
    Result<void> read_sealed(const char* table, std::string_view columns, const VisitSealed& visit);
    // The same for rows that are read by `read` alone.
    template <class Row>
    Result<void> check_seals(const char* table,
                             std::string_view columns,
                             int seal_column,
                             Row (*read)(const sqlite::Statement&),
                             const std::function<void(Row&&)>& visit);
};

}  // namespace yagura::store
