// `yagura rules` as a person runs it: what goes to standard output, and the exit code.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fs = std::filesystem;

namespace {

struct Outcome {
    int exit_code;
    std::string output;
};

Outcome yagura(const std::string& words) {
    const std::string command =
        fmt::format("{} -q --lang en rules {} 2>/dev/null", YAGURA_PROGRAM, words);
    FILE* pipe = popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    Outcome out{0, ""};
    char buffer[4096];
    for (size_t size = 0; (size = fread(buffer, 1, sizeof buffer, pipe)) > 0;)
        out.output.append(buffer, size);
    const int status = pclose(pipe);
    out.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return out;
}

// A folder that is gone after the test.
class Folder {
  public:
    Folder() { fs::create_directories(path_); }
    ~Folder() { fs::remove_all(path_); }
    std::string path() const { return path_.string(); }
    void write(const char* name, std::string_view text) const {
        std::ofstream(path_ / name) << text;
    }

  private:
    fs::path path_ = fs::temp_directory_path() / fmt::format("yagura-cli-rules-{}", getpid());
};

std::string rule(std::string_view title,
                 std::string_view selection,
                 std::string_view condition = "s") {
    return fmt::format(
        "title: {}\nid: one\nlevel: high\nlogsource: {{product: aws, service: cloudtrail}}\n"
        "detection: {{s: {{{}}}, condition: {}}}\n",
        title,
        selection,
        condition);
}

constexpr std::string_view kSamples =
    R"({"match":[{"eventName":"A"}],"no_match":[{"eventName":"B"}]})";

}  // namespace

TEST_CASE("rules list prints one JSON object per rule, however many conditions it has") {
    const Folder folder;
    folder.write("x.yml", rule("T", "a: b", "[s, not s]"));
    const Outcome outcome = yagura("list --no-default-rules -f json -r " + folder.path());
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.output.starts_with(R"({"id":"one","title":"T","title_ja":"","level":"high",)"));
    CHECK(std::count(outcome.output.begin(), outcome.output.end(), '\n') == 1);
}

TEST_CASE("what a rule says reaches the terminal without control characters") {
    const Folder folder;
    folder.write("x.yml", rule(R"("\e[31mred\u202e")", "a: b"));
    const Outcome outcome = yagura("list --no-default-rules -r " + folder.path());
    CHECK(outcome.output.find("\\x1b[31mred\\u202e") != std::string::npos);
    CHECK(outcome.output.find('\x1b') == std::string::npos);
}

TEST_CASE("rules lint fails on errors and passes with warnings") {
    const Folder folder;
    folder.write("x.yml", rule("T", "eventName|foo: A"));
    const Outcome bad = yagura("lint " + folder.path());
    CHECK(bad.exit_code == 1);
    CHECK(bad.output.find("x.yml:5:27: error: unknown modifier 'foo'\n") != std::string::npos);
    folder.write("x.yml", rule("T", "eventName: A"));
    const Outcome good = yagura("lint " + folder.path());
    CHECK(good.exit_code == 0);
    const Outcome json = yagura("lint -f json " + folder.path());
    CHECK(json.output.find(R"("line":2,"column":5,"code":"odd-id","severity":"warning",)") !=
          std::string::npos);
    CHECK(json.output.find(R"("ja":"ランダムな UUID を使ってください（uuidgen -r）")") !=
          std::string::npos);
    CHECK(yagura("lint --list").output.find("never-matches") != std::string::npos);
    CHECK(good.output.find("x.yml:2:5: warning: 'one' is not a UUID [odd-id]\n") !=
          std::string::npos);
}

TEST_CASE("rules test tells which event of which rule went wrong") {
    const Folder folder;
    folder.write("x.test.json", kSamples);
    folder.write("x.yml", rule("T", "eventName: B"));
    const Outcome wrong = yagura("test " + folder.path());
    CHECK(wrong.exit_code == 1);
    const std::string rule_file = folder.path() + "/x.yml";
    CHECK(wrong.output == rule_file + ": T: match event 1 must match and does not\n" + rule_file +
                              ": T: no_match event 1 must not match and does\n");
    folder.write("x.yml", rule("T", "eventName: A"));
    const Outcome right = yagura("test " + folder.path());
    CHECK(right.exit_code == 0);
    CHECK(right.output.empty());
}

TEST_CASE("a path that is not there is a usage error") {
    for (const char* command : {"lint", "test", "bench", "list -r"}) {
        CHECK(yagura(std::string(command) + " /nonexistent-rules").exit_code == 2);
    }
}
