#include "cli/settings.h"

#include <charconv>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/messages/cli.h"
#include "base/text.h"
#include "rule/yaml.h"

namespace yagura::cli {
namespace {

namespace fs = std::filesystem;
using Kind = SettingRow::Kind;
using rule::YamlNode;

constexpr uint32_t kMaxThreads = 1024;

constexpr std::string_view kLanguages[] = {"en", "ja"};
constexpr std::string_view kLevels[] = {"informational", "low", "medium", "high", "critical"};
constexpr std::string_view kColumns[] = {"suzaku", "standard", "verbose"};

// clang-format off
constexpr SettingRow kSettings[] = {
    {"language",      Kind::word,    "YAGURA_LANG",          "--lang",             false, kLanguages,
     {"from LANG", "LANG から判断"}, {"language of everything shown", "表示する言語"}},
    {"threads",       Kind::number,  "YAGURA_THREADS",       "--threads",          false, {},
     {"one per core", "コア数"}, {"worker threads", "ワーカースレッド数"}},
    {"color",         Kind::boolean, "",                     "--no-color",         true,  {},
     {"true", "true"}, {"colours on a terminal", "端末で色を使う"}},
    {"quiet",         Kind::boolean, "YAGURA_QUIET",         "--quiet",            false, {},
     {"false", "false"}, {"say nothing but errors", "エラー以外を表示しない"}},
    {"rules",         Kind::paths,   "YAGURA_ADD_RULES",     "--rules",            false, {},
     {"none", "なし"}, {"rule files and folders used beside the bundled rules", "付属ルールに加えて使うルールのファイルやフォルダー"}},
    {"default_rules", Kind::boolean, "YAGURA_DEFAULT_RULES", "--no-default-rules", true,  {},
     {"true", "true"}, {"use the bundled rules", "付属のルールを使う"}},
    {"geo",           Kind::paths,   "YAGURA_GEO",           "--geo",              false, {},
     {"none", "なし"}, {"databases of addresses: MaxMind format, ip-ranges.json, or folders of them", "IP アドレスのデータベース（MaxMind 形式、ip-ranges.json、またはそのフォルダー）"}},
    {"min_level",     Kind::word,    "YAGURA_MIN_LEVEL",     "--min-level",        false, kLevels,
     {"each command's own", "コマンドごとの既定"}, {"least level shown", "表示する最低の重大度"}},
    {"columns",       Kind::word,    "YAGURA_COLUMNS",       "--profile-columns",  false, kColumns,
     {"standard", "standard"}, {"columns of the CSV of scan", "scan の CSV の列"}},
    {"lake",          Kind::path,    "YAGURA_LAKE",          "--lake",             false, {},
     {"none", "なし"}, {"folder of the lake", "レイクのフォルダー"}},
};

constexpr EnvironmentRow kOtherVariables[] = {
    {"YAGURA_CONFIG", {"configuration file to read instead; empty: none", "代わりに読む設定ファイル（空なら読まない）"}},
    {"YAGURA_RULES",  {"folder of the bundled rules", "付属ルールのフォルダー"}},
    {"NO_COLOR",      {"set to anything: no colours", "値があれば色を使わない"}},
    {"LC_ALL, LC_MESSAGES, LANG", {"language, where nothing else says it", "ほかに指定がない場合の言語"}},
    {"TMPDIR",        {"where large sorts spill to", "大きな並べ替えの一時ファイルの置き場所"}},
};
// clang-format on

std::string_view environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

const SettingRow* find_row(std::string_view key) {
    for (const SettingRow& row : kSettings) {
        if (row.key == key) return &row;
    }
    return nullptr;
}

std::string wanted(const SettingRow& row) {
    switch (row.kind) {
        case Kind::boolean:
            return say(message::config_want_boolean);
        case Kind::number:
            return say(message::config_want_number, kMaxThreads);
        case Kind::word: {
            std::string words;
            for (const std::string_view choice : row.choices)
                words += (words.empty() ? "" : ", ") + std::string(choice);
            return say(message::config_want_word, words);
        }
        case Kind::path:
            return say(message::config_want_path);
        case Kind::paths:
            break;
    }
    return say(message::config_want_paths);
}

std::optional<std::string> boolean_of(std::string_view text) {
    for (const std::string_view yes : {"true", "yes", "on", "1"}) {
        if (equals_ignore_case(text, yes)) return "true";
    }
    for (const std::string_view no : {"false", "no", "off", "0"}) {
        if (equals_ignore_case(text, no)) return "false";
    }
    return std::nullopt;
}

// The value as the option takes it; nothing when it is none of this kind.
std::optional<std::string> value_of(const SettingRow& row, std::string_view text) {
    if (row.kind == Kind::boolean) return boolean_of(text);
    if (row.kind == Kind::number) {
        uint32_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        const bool is_whole = error == std::errc() && end == text.data() + text.size();
        if (!is_whole || number == 0 || number > kMaxThreads) return std::nullopt;
        return std::to_string(number);
    }
    if (row.kind == Kind::word) {
        for (const std::string_view choice : row.choices) {
            if (choice == text) return std::string(choice);
        }
        return std::nullopt;
    }
    if (text.empty()) return std::nullopt;
    return std::string(text);
}

// "~/x" is below the home folder, "x" beside the configuration file.
std::string path_from(const fs::path& folder, std::string_view text) {
    if (text == "~" || text.starts_with("~/"))
        return (fs::path(environment("HOME")) / std::string(text.substr(text.size() > 1 ? 2 : 1)))
            .string();
    return (folder / text).lexically_normal().string();
}

class FileReader {
  public:
    FileReader(const fs::path& file, Settings& out)
        : file_(file), problems_(file.string()), out_(out) {}

    void read(std::string_view text) {
        const rule::YamlFile yaml = rule::parse_yaml(text, problems_);
        if (problems_.errors() == 0) {
            for (const rule::YamlDocument& document : yaml.documents()) read_document(document);
        }
        for (Diagnostic& problem : problems_.take()) out_.problems.push_back(std::move(problem));
    }

  private:
    void read_document(const rule::YamlDocument& document) {
        if (!document.root || document.root->kind == YamlNode::Kind::null) return;
        if (document.root->kind != YamlNode::Kind::map) {
            problems_.error(document.root->at, say(message::config_not_a_map));
            return;
        }
        for (const rule::YamlEntry& entry : document.root->entries) read_entry(entry);
    }

    void read_entry(const rule::YamlEntry& entry) {
        const SettingRow* row = find_row(entry.key->text);
        if (!row) {
            std::vector<std::string_view> keys;
            for (const SettingRow& each : kSettings) keys.push_back(each.key);
            problems_.error(entry.key->at,
                            say(message::config_unknown, entry.key->text),
                            problems_.nearest(entry.key->text, keys));
            return;
        }
        std::vector<const YamlNode*> nodes{entry.value};
        if (row->kind == Kind::paths && entry.value->kind == YamlNode::Kind::list)
            nodes = entry.value->items;
        Setting setting{row, {}, fmt::format("{}:{}", file_.string(), entry.key->at.line)};
        for (const YamlNode* node : nodes) {
            std::optional<std::string> value;
            if (node->is_scalar()) value = value_of(*row, node->text);
            if (!value) {
                problems_.error(node->at, say(message::config_value, row->key), wanted(*row));
                return;
            }
            const bool is_path = row->kind == Kind::path || row->kind == Kind::paths;
            setting.values.push_back(is_path ? path_from(file_.parent_path(), *value) : *value);
        }
        if (out_.find(row->key)) {  // a second document
            problems_.error(entry.key->at, say(message::config_twice, row->key));
            return;
        }
        if (!setting.values.empty()) out_.made.push_back(std::move(setting));
    }

    const fs::path& file_;
    rule::Problems problems_;
    Settings& out_;
};

void read_file(Settings& out) {
    std::ifstream in(out.file, std::ios::binary);
    if (!in || fs::is_directory(out.file)) {
        out.problems.push_back(
            {out.file.string(), 0, 0, Grade::error, say(message::config_unreadable), ""});
        return;
    }
    out.found = true;
    std::string text(rule::kMaxYamlBytes + 1,
                     '\0');  // one more than is allowed is seen as too much
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<size_t>(in.gcount()));
    FileReader(out.file, out).read(text);
}

void read_environment(Settings& out) {
    for (const SettingRow& row : kSettings) {
        if (row.environment.empty()) continue;
        const std::string name(row.environment);
        const std::string_view text = environment(name.c_str());
        if (text.empty()) continue;
        Setting setting{&row, {}, "$" + name};
        const auto parts = row.kind == Kind::paths ? split(text, ':') : std::vector{text};
        for (const std::string_view part : parts) {
            if (part.empty()) continue;
            if (auto value = value_of(row, part)) {
                setting.values.push_back(std::move(*value));
            } else {
                out.problems.push_back({"$" + name,
                                        0,
                                        0,
                                        Grade::error,
                                        say(message::config_value, part),
                                        wanted(row)});
            }
        }
        std::erase_if(out.made, [&](const Setting& made) { return made.row == &row; });
        if (!setting.values.empty()) out.made.push_back(std::move(setting));
    }
}

// Runs what the option would do with these words, and leaves it as if nobody had named it.
void set_default(CLI::Option& option, const std::vector<std::string>& words) {
    for (const std::string& word : words) option.add_result(word);
    option.run_callback();
    option.clear();
    option.required(false);
}

void apply_to(CLI::App& command, const Setting& setting) {
    const SettingRow& row = *setting.row;
    CLI::Option* option = command.get_option_no_throw(std::string(row.option));
    if (option && row.kind != Kind::boolean) set_default(*option, setting.values);
    if (option && row.kind == Kind::boolean && (setting.values[0] == "true") != row.negates)
        set_default(*option, {"true"});
    for (CLI::App* sub : command.get_subcommands([](CLI::App*) { return true; }))
        apply_to(*sub, setting);
}

}  // namespace

std::span<const SettingRow> settings() {
    return kSettings;
}

std::vector<EnvironmentRow> environment_rows() {
    std::vector<EnvironmentRow> rows;
    for (const SettingRow& row : kSettings) {
        if (!row.environment.empty()) rows.push_back({row.environment, row.sentence});
    }
    rows.insert(rows.end(), std::begin(kOtherVariables), std::end(kOtherVariables));
    return rows;
}

const Setting* Settings::find(std::string_view key) const {
    for (const Setting& setting : made) {
        if (setting.row->key == key) return &setting;
    }
    return nullptr;
}

void Settings::apply(CLI::App& program) const {
    for (const Setting& setting : made) {
        if (setting.row->key != "language") apply_to(program, setting);
    }
}

Settings read_settings_file(const fs::path& file) {
    Settings out;
    out.file = file;
    read_file(out);
    return out;
}

Settings read_settings() {
    Settings out;
    if (const char* named = std::getenv("YAGURA_CONFIG")) {
        out.file = named;
        if (*named) read_file(out);
    } else {
        fs::path folder(environment("XDG_CONFIG_HOME"));
        if (folder.empty() && !environment("HOME").empty())
            folder = fs::path(environment("HOME")) / ".config";
        std::error_code ignored;
        if (!folder.empty()) out.file = folder / "yagura/config.yaml";
        if (!folder.empty() && fs::exists(out.file, ignored)) read_file(out);
    }
    read_environment(out);
    return out;
}

}  // namespace yagura::cli
