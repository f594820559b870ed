#include "rule/loader.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>
#include <set>
#include <thread>
#include <unordered_map>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/language.h"
#include "base/messages/base.h"
#include "base/messages/rule.h"
#include "base/system_reason.h"
#include "base/threads.h"
#include "rule/disabled.h"
#include "rule/falco/falco.h"
#include "rule/lists.h"
#include "rule/resolve.h"
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

// Whose rules: a higher tier takes the ids of lower ones over.
enum class Tier : uint8_t { bundled, added, edited };
constexpr Tier kTiers[] = {Tier::bundled, Tier::added, Tier::edited};

// As paths sort, folder by folder, but without taking them apart for every comparison. All begin
// with the same `common` bytes.
void sort_paths(std::vector<fs::path>& paths, size_t common) {
    const auto rank = [](char c) { return c == '/' ? 0 : static_cast<unsigned char>(c); };
    const auto before = [&](std::string_view a, std::string_view b) {
        const auto [x, y] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
        return y != b.end() && (x == a.end() || rank(*x) < rank(*y));
    };
    struct Place {
        std::string_view rest;
        size_t path;
    };
    std::vector<Place> places;
    for (size_t i = 0; i < paths.size(); ++i)
        places.push_back({std::string_view(paths[i].native()).substr(common), i});
    std::sort(places.begin(), places.end(), [&](const Place& a, const Place& b) {
        return before(a.rest, b.rest);
    });
    std::vector<fs::path> sorted;
    sorted.reserve(paths.size());
    for (const Place& place : places) sorted.push_back(std::move(paths[place.path]));
    paths = std::move(sorted);
}

struct File {
    fs::path path;
    Tier tier;
};

std::optional<std::string> text_of(const fs::path& file, const LoadOptions& options) {
    if (options.instead) {
        const auto found = options.instead->find(file.string());
        if (found != options.instead->end()) return found->second;
    }
    return read_rule_file(file);
}

Result<Lists> read_lists(const LoadOptions& options, std::vector<Diagnostic>& problems) {
    return load_lists(options.lists, problems, [&](const fs::path& file) {
        auto text = text_of(file, options);
        if (text && options.texts) (*options.texts)[file.string()] = *text;
        return text;
    });
}

struct ReadFile {
    Reading reading;
    std::string text;  // of Falco files, and where LoadOptions::texts wants it
    bool is_falco = false;
};

ReadFile read_one(const File& file, const LoadOptions& options, const Lists& lists) {
    const std::string name = file.path.string();
    auto text = text_of(file.path, options);
    if (!text) {
        Reading failed;
        failed.documents = failed.quarantined = 1;
        failed.diagnostics.push_back(
            {name, 0, 0, Grade::error, say(message::rule_file_unreadable), ""});
        return {std::move(failed), ""};
    }
    if (falco::is_falco(*text)) return {{}, std::move(*text), true};
    const sigma::ReadOptions how{.warnings = options.warnings, .lists = &lists};
    ReadFile read{sigma::read_rules(*text, name, how), ""};
    if (options.texts) read.text = std::move(*text);
    return read;
}

// Falco files are read together, as later ones change what earlier ones define. The bundled ones do
// not see what is added to them.
void read_falco(const std::vector<File>& files,
                const LoadOptions& options,
                std::vector<ReadFile>& read) {
    for (const bool bundled : {true, false}) {
        std::vector<size_t> places;
        std::vector<std::string> names;
        for (size_t i = 0; i < files.size(); ++i) {
            if (!read[i].is_falco || (files[i].tier == Tier::bundled) != bundled) continue;
            places.push_back(i);
            names.push_back(files[i].path.string());
        }
        std::vector<falco::File> texts;
        for (size_t i = 0; i < places.size(); ++i)
            texts.push_back({names[i], read[places[i]].text});
        auto readings = falco::read_files(texts, {.warnings = options.warnings});
        for (size_t i = 0; i < places.size(); ++i) read[places[i]].reading = std::move(readings[i]);
    }
}

std::vector<ReadFile> read_all(const std::vector<File>& files,
                               const LoadOptions& options,
                               const Lists& lists) {
    std::vector<ReadFile> read(files.size());
    const size_t wanted = options.threads ? options.threads : std::thread::hardware_concurrency();
    share_out(files.size(), std::min(wanted, files.size() / 16 + 1), [&](size_t i) {
        read[i] = read_one(files[i], options, lists);
    });
    read_falco(files, options, read);
    return read;
}

bool same_condition(const match::Condition& a, const match::Condition& b) {
    if (a.kind != b.kind || a.predicate != b.predicate || a.constant != b.constant) return false;
    return std::equal(
        a.children.begin(), a.children.end(), b.children.begin(), b.children.end(), same_condition);
}

bool asks_same(const match::Rule& a, const match::Rule& b) {
    return a.source.product == b.source.product && a.source.service == b.source.service &&
           a.source.category == b.source.category && a.predicates == b.predicates &&
           same_condition(a.condition, b.condition);
}

// One document that was read: its rules (several, when it has several conditions), its correlation
// or its filter.
struct Document {
    std::vector<match::Rule> rules;
    std::optional<match::FirstSeen> first_seen;
    std::optional<sigma::CorrelationDraft> correlation;
    std::optional<sigma::FilterDraft> filter;
    Tier tier = Tier::added;
    bool replaced = false;

    const match::RuleInfo& info() const {
        return correlation ? correlation->correlation.info
               : filter    ? filter->rule.info
                           : rules[0].info;
    }
};

bool same_memory(const std::optional<match::FirstSeen>& a,
                 const std::optional<match::FirstSeen>& b) {
    if (!a || !b) return !a && !b;
    return a->fields == b->fields && a->history == b->history && a->learning == b->learning &&
           a->entity == b->entity && a->entity_age == b->entity_age;
}

bool same_meaning(const Document& a, const Document& b) {
    if (a.correlation && b.correlation) return a.correlation->content == b.correlation->content;
    return !a.correlation && !b.correlation && same_memory(a.first_seen, b.first_seen) &&
           std::equal(a.rules.begin(), a.rules.end(), b.rules.begin(), b.rules.end(), asks_same);
}

Known known_from(const match::RuleInfo& info, Known::Kind kind, size_t from, size_t count) {
    return {info.id,
            info.name,
            info.title,
            info.file,
            info.line,
            kind,
            static_cast<uint32_t>(from),
            static_cast<uint32_t>(count)};
}

// Decides which document keeps an id.
class Merger {
  public:
    Merger(RuleSet& set, const LoadOptions& options) : set_(set), options_(options) {}

    void take(Reading&& reading, const std::string& file, Tier tier) {
        ++set_.files;
        set_.quarantined_count += reading.quarantined;
        for (Diagnostic& diagnostic : reading.diagnostics) {
            auto& list = diagnostic.grade == Grade::error ? set_.quarantined : set_.warnings;
            list.push_back(std::move(diagnostic));
        }
        std::move(reading.skipped.begin(), reading.skipped.end(), std::back_inserter(set_.skipped));
        for (sigma::Refused& refused : reading.refused) {
            refused_.push_back({std::move(refused.id),
                                std::move(refused.name),
                                std::move(refused.title),
                                file,
                                refused.at.line});
        }
        const bool bundled = tier == Tier::bundled;
        take_rules(std::move(reading.rules), std::move(reading.first_seen), tier);
        for (sigma::CorrelationDraft& draft : reading.correlations) {
            Document document;
            document.correlation = std::move(draft);
            document.tier = tier;
            document.correlation->correlation.info.bundled = bundled;
            take_document(std::move(document));
        }
        for (sigma::FilterDraft& draft : reading.filters) {
            Document document;
            document.filter = std::move(draft);
            document.tier = tier;
            document.filter->rule.info.bundled = bundled;
            take_document(std::move(document));
        }
    }

    // Sets rules in order, without those that were replaced, and what refers to them.
    void finish() {
        std::vector<sigma::CorrelationDraft> correlations;
        std::vector<sigma::FilterDraft> filters;
        for (const Tier tier : kTiers) {
            for (Document& document : documents_) {
                if (document.replaced || document.tier != tier) continue;
                if (document.correlation) {
                    catalogue_.add(known_from(
                        document.info(), Known::Kind::correlation, correlations.size(), 1));
                    correlations.push_back(std::move(*document.correlation));
                } else if (document.filter) {
                    catalogue_.add(known_from(document.info(), Known::Kind::filter, 0, 0));
                    document.filter->is_off = is_off(document.info().id);
                    filters.push_back(std::move(*document.filter));
                } else {
                    place_rules(document);
                }
            }
        }
        for (Document& document : documents_) {
            if (document.replaced)
                catalogue_.add_also(
                    document.info().id, document.info().name, document.info().title);
        }
        for (Known& refused : refused_) catalogue_.add(std::move(refused));
        apply_filters(catalogue_, std::move(filters), options_.warnings, set_);
        resolve_correlations(catalogue_, std::move(correlations), options_.warnings, set_);
    }

  private:
    bool is_off(const std::string& filter) const {
        return options_.disabled.contains(filter) || options_.disabled_filters.contains(filter);
    }

    // Rules of one document (several conditions) stand side by side.
    void take_rules(std::vector<match::Rule>&& rules,
                    std::vector<match::FirstSeen>&& first_seen,
                    Tier tier) {
        const bool bundled = tier == Tier::bundled;
        auto memory = first_seen.begin();
        for (size_t from = 0, to = 0; from < rules.size(); from = to) {
            Document document;
            document.tier = tier;
            const uint32_t line = rules[from].info.line;
            while (to < rules.size() && rules[to].info.line == line) {
                rules[to].info.bundled = bundled;
                document.rules.push_back(std::move(rules[to++]));
            }
            if (memory != first_seen.end() && memory->info.line == line) {
                memory->info.bundled = bundled;
                document.first_seen = std::move(*memory++);
            }
            take_document(std::move(document));
        }
    }

    void place_rules(Document& document) {
        ++set_.loaded;
        const auto from = static_cast<uint32_t>(set_.rules.size());
        const bool plain = !document.first_seen;
        catalogue_.add(known_from(document.info(),
                                  plain ? Known::Kind::rules : Known::Kind::first_seen,
                                  from,
                                  document.rules.size()));
        std::move(document.rules.begin(), document.rules.end(), std::back_inserter(set_.rules));
        if (plain) return;
        for (uint32_t i = 0; i < document.first_seen->rules.size(); ++i)
            document.first_seen->rules[i] = from + i;
        set_.first_seen.push_back(std::move(*document.first_seen));
    }

    void take_document(Document&& document) {
        const auto [place, is_new] = by_id_.emplace(document.info().id, documents_.size());
        if (!is_new) {
            Document& holder = documents_[place->second];
            if (document.tier <= holder.tier) return refuse(document, holder);
            ++set_.replaced;
            const match::RuleInfo& original = holder.info();
            set_.originals.push_back({original.id, original.file, original.line});
            holder.replaced = true;
            place->second = documents_.size();
        }
        documents_.push_back(std::move(document));
    }

    void refuse(const Document& document, const Document& holder) {
        const match::RuleInfo& info = document.info();
        const std::string other = fmt::format("{}:{}", holder.info().file, holder.info().line);
        const bool same = same_meaning(document, holder);
        Diagnostic diagnostic{
            info.file,
            info.line,
            1,
            same ? Grade::warning : Grade::error,
            say(same ? message::rule_repeated : message::rule_duplicate_id, info.id, other),
            "",
            row_of(same ? Lint::repeated_rule : Lint::duplicate_id).code};
        if (same) {
            ++set_.repeated;
            set_.warnings.push_back(std::move(diagnostic));
        } else {
            ++set_.quarantined_count;
            set_.quarantined.push_back(std::move(diagnostic));
            refused_.push_back(known_from(info, Known::Kind::refused, 0, 0));
        }
    }

    RuleSet& set_;
    const LoadOptions& options_;
    std::vector<Document> documents_;
    std::vector<Known> refused_;
    Catalogue catalogue_;
    std::unordered_map<std::string, size_t, TextHash, std::equal_to<>> by_id_;
};

// Each file once, however often its folders were named.
Result<std::vector<File>> find_all(const LoadOptions& options) {
    std::vector<File> files;
    std::set<std::pair<dev_t, ino_t>> seen;
    const auto add = [&](const std::vector<fs::path>& found, Tier tier) {
        for (const fs::path& path : found) {
            struct stat status {};
            const bool is_there = ::stat(path.c_str(), &status) == 0;  // if not, reading tells
            if (is_there && !seen.emplace(status.st_dev, status.st_ino).second) continue;
            files.push_back({path, tier});
        }
    };
    const auto add_existing = [&](const std::vector<fs::path>& paths, Tier tier) -> Result<void> {
        for (const fs::path& path : paths) {
            std::error_code missing;
            if (!fs::exists(path, missing)) continue;
            YAGURA_TRY(const auto found, find_rule_files(path));
            add(found, tier);
        }
        return {};
    };
    YAGURA_CHECK(add_existing(options.bundled, Tier::bundled));
    for (const fs::path& path : options.added) {
        YAGURA_TRY(const auto found, find_rule_files(path));
        add(found, Tier::added);
    }
    YAGURA_CHECK(add_existing(options.edited, Tier::edited));
    return files;
}

// Reads the files and looks up what they say about each other.
void fill_set(const std::vector<File>& files,
              const LoadOptions& options,
              const Lists& lists,
              RuleSet& set) {
    std::vector<ReadFile> read = read_all(files, options, lists);
    Merger merger(set, options);
    for (size_t i = 0; i < files.size(); ++i) {
        const std::string path = files[i].path.string();
        if (options.texts) (*options.texts)[path] = std::move(read[i].text);
        merger.take(std::move(read[i].reading), path, files[i].tier);
    }
    merger.finish();
    leave_out(set, options.disabled);
    const auto by_place = [](const Diagnostic& a, const Diagnostic& b) {
        return std::tie(a.file, a.line, a.column) < std::tie(b.file, b.line, b.column);
    };
    std::stable_sort(set.quarantined.begin(), set.quarantined.end(), by_place);
    std::stable_sort(set.warnings.begin(), set.warnings.end(), by_place);
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
                        system_reason(error ? error.value() : ENOENT)));
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
    if (error)
        return fail(Code::io,
                    say(message::cannot_read, path.string(), system_reason(error.value())));
    sort_paths(files, path.native().size());
    return files;
}

// One byte more than allowed is enough to know that a file is too large. Nearly all are read whole
// by the first read(2), and copied once.
std::optional<std::string> read_rule_file(const fs::path& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (file < 0) return std::nullopt;
    std::string text;
    std::array<char, size_t{16} << 10> bytes;
    bool is_read = false;
    while (text.size() < kMaxYamlBytes + 4) {
        const ssize_t got = ::read(file, bytes.data(), bytes.size());
        if (got < 0 && errno == EINTR) continue;
        is_read = got == 0;
        if (got <= 0) break;
        text.append(bytes.data(), static_cast<size_t>(got));
    }
    is_read = is_read || text.size() >= kMaxYamlBytes + 4;
    ::close(file);
    if (!is_read) return std::nullopt;
    return text;
}

Result<RuleSet> load_rules(const LoadOptions& options) {
    YAGURA_TRY(const std::vector<File> files, find_all(options));
    RuleSet set;
    YAGURA_TRY(const Lists lists, read_lists(options, set.quarantined));
    fill_set(files, options, lists, set);
    return set;
}

RuleSet load_texts(const RuleTexts& texts, bool warnings) {
    FileTexts all;
    std::vector<File> files;
    const FileTexts* const of_tier[] = {&texts.bundled, &texts.added, &texts.edited};
    for (const Tier tier : kTiers) {
        for (const auto& [name, text] : *of_tier[static_cast<size_t>(tier)]) {
            if (all.emplace(name, text).second) files.push_back({name, tier});
        }
    }
    RuleSet set;
    Lists lists;
    for (const auto& [name, text] : texts.lists) lists.read(text, name, set.quarantined);
    LoadOptions options;
    options.warnings = warnings;
    options.threads = 1;
    options.instead = &all;
    options.disabled_filters = texts.disabled_filters;
    fill_set(files, options, lists, set);
    return set;
}

}  // namespace yagura::rule
