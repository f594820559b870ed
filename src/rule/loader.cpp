#include "rule/loader.h"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <iterator>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include "base/hash.h"
#include "base/language.h"
#include "base/messages/base.h"
#include "base/messages/rule.h"
#include "rule/yaml.h"

namespace yagura::rule {

namespace fs = std::filesystem;
using sigma::Reading;

namespace {

bool is_rule_file(const fs::path& path) {
    const std::string name = path.filename().string();
    const std::string extension = path.extension().string();
    return (extension == ".yml" || extension == ".yaml") && !name.starts_with('.') &&
           name.find(".test.") == std::string::npos;
}

struct File {
    fs::path path;
    bool bundled;
};

// One byte more than allowed is enough to know that a file is too large. Room grows with what is
// read: clearing a mebibyte for every file cost more than the files.
std::optional<std::string> read_file(const fs::path& path) {
    constexpr size_t kFirstRoom = size_t{16} << 10;
    std::ifstream stream(path, std::ios::binary);
    if (!stream) return std::nullopt;
    std::string text;
    for (size_t room = kFirstRoom; stream && text.size() < kMaxYamlBytes + 4; room *= 2) {
        const size_t size = text.size();
        text.resize(std::min(room, kMaxYamlBytes + 4));
        stream.read(text.data() + size, static_cast<std::streamsize>(text.size() - size));
        text.resize(size + static_cast<size_t>(stream.gcount()));
    }
    if (stream.bad()) return std::nullopt;
    return text;
}

Reading read_one(const File& file, const LoadOptions& options) {
    const std::string name = file.path.string();
    const auto text = read_file(file.path);
    if (text) return sigma::read_rules(*text, name, {.warnings = options.warnings});
    Reading failed;
    failed.documents = failed.quarantined = 1;
    failed.diagnostics.push_back(
        {name, 0, 0, Grade::error, say(message::rule_file_unreadable), ""});
    return failed;
}

std::vector<Reading> read_all(const std::vector<File>& files, const LoadOptions& options) {
    std::vector<Reading> readings(files.size());
    std::atomic<size_t> next = 0;
    const auto work = [&] {
        for (size_t i = next++; i < files.size(); i = next++)
            readings[i] = read_one(files[i], options);
    };
    const size_t wanted = options.threads ? options.threads : std::thread::hardware_concurrency();
    const size_t count = std::min(std::max<size_t>(1, wanted), files.size() / 16 + 1);
    std::vector<std::jthread> threads;
    for (size_t i = 1; i < count; ++i) threads.emplace_back(work);
    work();
    return readings;
}

bool same_condition(const match::Condition& a, const match::Condition& b) {
    if (a.kind != b.kind || a.predicate != b.predicate || a.constant != b.constant) return false;
    return std::equal(
        a.children.begin(), a.children.end(), b.children.begin(), b.children.end(), same_condition);
}

bool same_meaning(const match::Rule& a, const match::Rule& b) {
    return a.source.product == b.source.product && a.source.service == b.source.service &&
           a.source.category == b.source.category && a.predicates == b.predicates &&
           same_condition(a.condition, b.condition);
}

// Decides which rule keeps an id. Rules of one document (several conditions) share theirs.
class Merger {
  public:
    explicit Merger(RuleSet& set) : set_(set) {}

    void take(Reading&& reading, bool bundled) {
        ++set_.files;
        set_.quarantined_count += reading.quarantined;
        for (Diagnostic& diagnostic : reading.diagnostics) {
            auto& list = diagnostic.grade == Grade::error ? set_.quarantined : set_.warnings;
            list.push_back(std::move(diagnostic));
        }
        std::move(reading.skipped.begin(), reading.skipped.end(), std::back_inserter(set_.skipped));
        auto& rules = reading.rules;
        for (size_t from = 0, to = 0; from < rules.size(); from = to) {
            while (to < rules.size() && rules[to].info.line == rules[from].info.line) {
                rules[to++].info.bundled = bundled;
            }
            take_document({rules.begin() + static_cast<ptrdiff_t>(from),
                           rules.begin() + static_cast<ptrdiff_t>(to)});
        }
    }

    // Sets rules in order, without those that were replaced.
    void finish() {
        for (size_t pass : {0, 1}) {
            for (auto& document : documents_) {
                if (document.empty() || document[0].info.bundled != (pass == 0)) continue;
                ++set_.loaded;
                std::move(document.begin(), document.end(), std::back_inserter(set_.rules));
            }
        }
    }

  private:
    void take_document(std::span<match::Rule> rules) {
        const match::RuleInfo& info = rules[0].info;
        const auto [place, is_new] = by_id_.emplace(info.id, documents_.size());
        if (!is_new) {
            auto& holder = documents_[place->second];
            if (holder[0].info.bundled && !info.bundled) {
                ++set_.replaced;
                holder.clear();
                place->second = documents_.size();
            } else {
                return refuse(rules, holder);
            }
        }
        documents_.emplace_back(std::make_move_iterator(rules.begin()),
                                std::make_move_iterator(rules.end()));
    }

    void refuse(std::span<const match::Rule> rules, std::span<const match::Rule> holder) {
        const match::RuleInfo& info = rules[0].info;
        const std::string other = fmt::format("{}:{}", holder[0].info.file, holder[0].info.line);
        const bool same =
            std::equal(rules.begin(), rules.end(), holder.begin(), holder.end(), same_meaning);
        Diagnostic diagnostic{
            info.file,
            info.line,
            1,
            same ? Grade::warning : Grade::error,
            say(same ? message::rule_repeated : message::rule_duplicate_id, info.id, other),
            ""};
        if (same) {
            ++set_.repeated;
            set_.warnings.push_back(std::move(diagnostic));
        } else {
            ++set_.quarantined_count;
            set_.quarantined.push_back(std::move(diagnostic));
        }
    }

    RuleSet& set_;
    std::vector<std::vector<match::Rule>> documents_;
    std::unordered_map<std::string, size_t, TextHash, std::equal_to<>> by_id_;
};

// Each file once, however often its folders were named.
Result<std::vector<File>> find_all(const LoadOptions& options) {
    std::vector<File> files;
    std::unordered_set<std::string> seen;
    const auto add = [&](const std::vector<fs::path>& found, bool bundled) {
        for (const fs::path& path : found) {
            std::error_code ignored;
            const fs::path canonical = fs::weakly_canonical(path, ignored);
            if (seen.insert(canonical.string()).second) files.push_back({path, bundled});
        }
    };
    for (const fs::path& path : options.bundled) {
        std::error_code missing;
        if (!fs::exists(path, missing)) continue;
        YAGURA_TRY(const auto found, find_rule_files(path));
        add(found, true);
    }
    for (const fs::path& path : options.added) {
        YAGURA_TRY(const auto found, find_rule_files(path));
        add(found, false);
    }
    return files;
}

}  // namespace

std::vector<const match::Rule*> RuleSet::select_for(const logtype::LogType& type) const {
    std::vector<const match::Rule*> out;
    for (const match::Rule& rule : rules) {
        if (rule.source.covers(type.logsource)) out.push_back(&rule);
    }
    return out;
}

Result<std::vector<fs::path>> find_rule_files(const fs::path& path) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::exists(status))
        return fail(Code::not_found,
                    say(message::cannot_open,
                        path.string(),
                        error ? error.message() : std::string("ENOENT")));
    if (!fs::is_directory(status)) return std::vector{path};
    std::vector<fs::path> files;
    fs::recursive_directory_iterator walk(
        path, fs::directory_options::skip_permission_denied, error);
    for (; !error && walk != fs::recursive_directory_iterator(); walk.increment(error)) {
        std::error_code ignored;
        const bool hidden = walk->path().filename().string().starts_with('.');
        if (hidden && walk->is_directory(ignored)) walk.disable_recursion_pending();
        if (is_rule_file(walk->path()) && walk->is_regular_file(ignored))
            files.push_back(walk->path());
    }
    if (error) return fail(Code::io, say(message::cannot_read, path.string(), error.message()));
    std::sort(files.begin(), files.end());
    return files;
}

Result<RuleSet> load_rules(const LoadOptions& options) {
    YAGURA_TRY(const std::vector<File> files, find_all(options));
    std::vector<Reading> readings = read_all(files, options);
    RuleSet set;
    Merger merger(set);
    for (size_t i = 0; i < files.size(); ++i) merger.take(std::move(readings[i]), files[i].bundled);
    merger.finish();
    const auto by_place = [](const Diagnostic& a, const Diagnostic& b) {
        return std::tie(a.file, a.line, a.column) < std::tie(b.file, b.line, b.column);
    };
    std::stable_sort(set.quarantined.begin(), set.quarantined.end(), by_place);
    std::stable_sort(set.warnings.begin(), set.warnings.end(), by_place);
    return set;
}

}  // namespace yagura::rule
