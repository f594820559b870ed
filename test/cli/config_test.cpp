// `yagura config` and what the settings do to other commands.
#include <algorithm>

#include "cli/program.h"

using namespace yagura::cli;

TEST_CASE("a mistake in the configuration is told with its place and what to write") {
    const Workshop shop;
    shop.write("c.yaml", "langage: ja\nthreads: 0\ncolor: maybe\nlake: [a]\nmin_level: huge\n");
    const Run run = shop.run("config check c.yaml");
    CHECK(run.exit_code == 2);
    CHECK(run.out ==
          "c.yaml:1:1: error: unknown setting 'langage' (did you mean 'language'?)\n"
          "c.yaml:2:10: error: not a value of 'threads' (write a whole number from 1 to 1024)\n"
          "c.yaml:3:8: error: not a value of 'color' (write true or false)\n"
          "c.yaml:4:7: error: not a value of 'lake' (write a path)\n"
          "c.yaml:5:12: error: not a value of 'min_level' (one of: informational, low, medium, "
          "high, critical)\n");
}

TEST_CASE("YAML that is none, a list and a setting made twice are refused") {
    const Workshop shop;
    for (const char* text :
         {"a: [", "- a", "threads: 1\nthreads: 2\n", "threads: 1\n---\nthreads: 2\n", "\xFF"}) {
        shop.write("c.yaml", text);
        CAPTURE(text);
        CHECK(shop.run("config check c.yaml").exit_code == 2);
    }
    shop.write("c.yaml", "");
    CHECK(shop.run("config check c.yaml").exit_code == 0);
}

TEST_CASE("the command line beats the environment, which beats the file") {
    const Workshop shop;
    shop.write("c.yaml", "threads: 3\nlake: here\n");
    const std::string file = "YAGURA_CONFIG=" + shop.path() + "/c.yaml";
    const auto threads = [&](const std::string& words, const std::string& environment) {
        return shop.run(words + " config show -f json", environment).out;
    };
    CHECK(
        has(threads("", ""), R"({"key":"threads","values":["one per core"],"origin":"default"})"));
    CHECK(has(threads("", file),
              R"("threads","values":["3"],"origin":")" + shop.path() + "/c.yaml:1"));
    CHECK(has(threads("", file + " YAGURA_THREADS=4"),
              R"("threads","values":["4"],"origin":"$YAGURA_THREADS")"));
    CHECK(has(threads("-j 5", file + " YAGURA_THREADS=4"),
              R"("threads","values":["5"],"origin":"--threads")"));
    CHECK(has(shop.run("doctor", file).out, ", 3 threads"));
    CHECK(has(shop.run("-j 5 doctor", file).out, ", 5 threads"));
    CHECK(shop.run("config show", "YAGURA_THREADS=many").exit_code == 2);
}

TEST_CASE("paths in the file are beside it, and a lake named there is needed nowhere else") {
    const Workshop shop;
    shop.write("c.yaml", "lake: lake\nlanguage: ja\n");
    const std::string file = "YAGURA_CONFIG=" + shop.path() + "/c.yaml";
    CHECK(shop.run("verify").exit_code == 2);
    const Run run = shop.run("verify", file);
    CHECK(run.exit_code == 1);
    CHECK(has(run.err, shop.path() + "/lake はレイクではありません"));
    CHECK(has(shop.run("verify --lake other", file).err, "other はレイクではありません"));
    CHECK(has(shop.run("--lang en verify", file).err, "is no lake") ==
          has(shop.run("--lang en verify --lake x").err, "is no lake"));
    CHECK_FALSE(has(shop.run("query 'limit 1'", file).err, "is required"));
}

TEST_CASE("rules named in the file are used, and -r replaces them") {
    const Workshop shop;
    const auto rule = [](const char* title) {
        return fmt::format(
            "title: {}\nid: {}\nlogsource: {{product: aws}}\n"
            "detection: {{s: {{a: b}}, condition: s}}\n",
            title,
            title);
    };
    shop.write("mine/x.yml", rule("mine"));
    shop.write("other.yml", rule("other"));
    shop.write("c.yaml", "rules: [mine]\ndefault_rules: no\n");
    const std::string file = "YAGURA_CONFIG=" + shop.path() + "/c.yaml";
    const Run listed = shop.run("rules list -f json", file);
    CHECK(has(listed.out, R"("title":"mine")"));
    CHECK(std::count(listed.out.begin(), listed.out.end(), '\n') == 1);
    const Run replaced = shop.run("rules list -f json -r other.yml", file);
    CHECK(has(replaced.out, R"("title":"other")"));
    CHECK_FALSE(has(replaced.out, R"("title":"mine")"));
    // What is to be checked is named on the command line or is the bundled pack.
    CHECK(shop.run("rules test mine", file).exit_code == 0);
}

TEST_CASE("a wrong setting stops a scan but not the commands that help") {
    const Workshop shop;
    shop.write("c.yaml", "nonsense: 1\n");
    const std::string file = "YAGURA_CONFIG=" + shop.path() + "/c.yaml";
    const Run scan = shop.run("scan .", file);
    CHECK(scan.exit_code == 2);
    CHECK(has(scan.err, "c.yaml:1:1: error: unknown setting 'nonsense'"));
    CHECK(scan.out.empty());
    CHECK(shop.run("scan .", "YAGURA_CONFIG=/nonexistent.yaml").exit_code == 2);
    CHECK(shop.run("version", file).exit_code == 0);
    CHECK(shop.run("man", file).exit_code == 0);
    const Run doctor = shop.run("doctor", file);
    CHECK(doctor.exit_code == 1);
    CHECK(has(doctor.out, "yagura config check"));
}

TEST_CASE("config path names the file of the user's configuration folder") {
    const Workshop shop;
    const Run run = shop.shell(fmt::format(
        "env -u YAGURA_CONFIG XDG_CONFIG_HOME=/x '{}' --lang en config path", YAGURA_PROGRAM));
    CHECK(run.exit_code == 0);
    CHECK(run.out == "/x/yagura/config.yaml\n");
    CHECK(has(run.err, "no such file"));
    CHECK(shop.run("config path").exit_code == 1);  // the tests run without any
}
