// What the catalogue knows of its own size without reading all of itself.
#include "store/catalog.h"

#include "fixture.h"
#include "sqlite/database.h"

using namespace yagura;
using namespace yagura::store;

namespace {

LedgerObject object(int64_t id, std::string path, uint64_t faults) {
    LedgerObject made;
    made.id = id;
    made.content = sha256(path);
    made.path = std::move(path);
    made.faults = faults;
    return made;
}

void change(const Folder& lake, const char* sql) {
    must(must(sqlite::Database::open(lake / "catalog.sqlite", sqlite::Mode::write)).execute(sql));
}

}  // namespace

TEST_CASE("objects and their faults are counted as they are committed, grow and go") {
    const Folder lake;
    auto catalog = must(Catalog::open(lake.path(), true));
    CHECK(must(catalog.counts()).objects == 0);
    Commit commit;
    commit.objects = {object(1, "logs/a", 3), object(2, "sample/b", 0), object(3, "sample/c", 4)};
    must(catalog.commit(commit));
    commit.objects = {object(1, "logs/a", 5), object(4, "logs/d", 1)};  // the first has grown
    must(catalog.commit(commit));
    CHECK(must(catalog.counts()).objects == 4);
    CHECK(must(catalog.counts()).faults == 10);
    must(catalog.remove_objects("sample/", {}));
    CHECK(must(catalog.counts()).objects == 2);
    CHECK(must(catalog.counts()).faults == 6);
    must(catalog.verify());
}

TEST_CASE("counting does not read the ledger") {
    const Folder lake;
    auto catalog = must(Catalog::open(lake.path(), true));
    Commit commit;
    commit.objects = {object(1, "a", 3)};
    must(catalog.commit(commit));
    change(lake, "UPDATE meta SET value = 99 WHERE key = 'objects_count'");
    CHECK(must(catalog.counts()).objects == 99);
    CHECK_FALSE(catalog.verify().has_value());
}

TEST_CASE("after a program that keeps no tally the objects are counted anew") {
    const Folder lake;
    auto catalog = must(Catalog::open(lake.path(), true));
    Commit commit;
    commit.objects = {object(1, "a", 3), object(2, "b", 1)};
    must(catalog.commit(commit));
    // What it committed changed the sum of seals and not the tally.
    change(lake,
           "UPDATE meta SET value = 99 WHERE key = 'objects_count';"
           "UPDATE meta SET value = value + 1 WHERE key = 'objects_counted_at'");
    CHECK(must(catalog.counts()).objects == 2);
    CHECK(must(catalog.counts()).faults == 4);
    commit.objects = {object(3, "c", 2)};
    must(catalog.commit(commit));
    CHECK(must(catalog.counts()).objects == 3);
    CHECK(must(catalog.counts()).faults == 6);
    must(catalog.verify());
}
