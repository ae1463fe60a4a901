package io.culvert.cli;

import io.culvert.cli.Layers.Value;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The YAML file of options: a mapping from an option's name without its dashes to its value, or to
 * a list of values. Immutable.
 */
final class ConfigFile {
  /** No file. */
  static final ConfigFile NONE = new ConfigFile(Path.of(""), Map.of());

  private final Path path;
  private final Map<String, Entry> entries;

  private ConfigFile(Path path, Map<String, Entry> entries) {
    this.path = path;
    this.entries = entries;
  }

  /** A value and its line, from 1 on. */
  private record Entry(String text, int line) {}

  /**
   * Reads a file.
   *
   * @throws CliException naming file and line of what is wrong, without any value, since one may be
   *     a token
   */
  static ConfigFile read(Path path) {
    try (Reader in = Files.newBufferedReader(path)) {
      Compose compose = new Compose(LoadSettings.builder().setLabel(path.toString()).build());
      Optional<Node> root = compose.composeReader(in);
      return new ConfigFile(path, root.isPresent() ? entries(path, root.get()) : Map.of());
    } catch (NoSuchFileException e) {
      throw CliException.usage("there is no file " + path + ", which --config names");
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
      throw wrong(path, line, "this is no YAML: " + e.getProblem());
    } catch (YamlEngineException | IOException e) {
      throw CliException.usage("cannot read " + path + ", which --config names");
    }
  }

  private static Map<String, Entry> entries(Path path, Node root) {
    if (!(root instanceof MappingNode mapping)) {
      throw wrong(path, lineOf(root), "expected lines like port: 8080");
    }
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      int line = lineOf(tuple.getKeyNode());
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        throw wrong(path, line, "expected the name of an option");
      }
      Entry entry = new Entry(text(path, key.getValue(), tuple.getValueNode()), line);
      Entry earlier = entries.put(key.getValue(), entry);
      if (earlier != null) {
        throw wrong(
            path, line, key.getValue() + " is in line " + earlier.line() + " too; keep one");
      }
    }
    return entries;
  }

  private static String text(Path path, String key, Node value) {
    if (value instanceof SequenceNode list) {
      List<String> texts = new ArrayList<>();
      for (Node item : list.getValue()) {
        texts.add(scalar(path, key, item));
      }
      return String.join(",", texts);
    }
    return scalar(path, key, value);
  }

  private static String scalar(Path path, String key, Node value) {
    if (value instanceof ScalarNode scalar && !scalar.getTag().equals(Tag.NULL)) {
      return scalar.getValue();
    }
    throw wrong(path, lineOf(value), key + " needs one value, or a list of values");
  }

  private static int lineOf(Node node) {
    return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
  }

  private static CliException wrong(Path path, int line, String what) {
    return CliException.usage(path + " line " + line + ": " + what);
  }

  /** What the file says of a key. */
  Optional<Value> value(String key) {
    return Optional.ofNullable(entries.get(key))
        .map(entry -> new Value(entry.text(), path + " line " + entry.line()));
  }

  /**
   * Sees to it that each key is one of the command's options.
   *
   * @throws CliException naming file and line of the first that is not
   */
  void check(CommandSpec command) {
    entries.forEach(
        (key, entry) -> {
          if (!Layers.isKey(command, key)) {
            throw wrong(path, entry.line(), "there is no option " + key);
          }
        });
  }
}
