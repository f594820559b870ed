// Questions beside their answers: cases/*.cwli hold a query, *.expected what it tells about the
// sample lake. YAGURA_UPDATE=1 rewrites the answers; the difference is the review.
#include <cstdlib>
#include <set>

#include "lake_fixture.h"

namespace yagura::query {

TEST_CASE("the cases answer as they did") {
    const SampleLake lake{{sample_folder()}};
    auto engine = must(Engine::open(lake.folder(), {.threads = 1}));
    const auto folder = std::filesystem::path(YAGURA_SOURCE_DIR) / "test" / "query" / "cases";
    std::set<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() == ".cwli") files.insert(entry.path());
    }
    CHECK(files.size() >= 20);
    for (const auto& file : files) {
        std::ifstream in(file);
        const std::string query(std::istreambuf_iterator<char>(in), {});
        const std::string told = ask_lake(*engine, query).text;
        auto expected_file = file;
        expected_file.replace_extension(".expected");
        if (std::getenv("YAGURA_UPDATE")) std::ofstream(expected_file) << told;
        std::ifstream expected_in(expected_file);
        const std::string expected(std::istreambuf_iterator<char>(expected_in), {});
        CHECK_MESSAGE(told == expected, file.filename().string());
    }
}

}  // namespace yagura::query
