package io.culvert.relay.access;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A value in a YAML file, which knows its line. Only texts, lists and mappings are read, no objects
 * are made of tags. Errors name file and line, and what was expected; they quote only what is too
 * short to be a token.
 */
final class YamlNode {
  /** Bytes of a file: more than ten thousand tokens. */
  static final int MAX_BYTES = 4 << 20;

  /** The formats need five. The composer recurses, so depth costs stack. */
  private static final int MAX_DEPTH = 16;

  /** A token of 128 bits in base64 has 22 characters. */
  private static final int MAX_QUOTED = 20;

  private final Path file;
  private final Node node;

  private YamlNode(Path file, Node node) {
    this.file = file;
    this.node = node;
  }

  /** {@link YamlFile#parse}, when the library is there. */
  static YamlNode parse(Path file, byte[] bytes) throws IOException {
    if (bytes.length > MAX_BYTES) {
      throw new IOException(
          file + ": expected at most " + MAX_BYTES + " bytes, but got " + bytes.length);
    }
    LoadSettings settings =
        LoadSettings.builder().setLabel("").setCodePointLimit(MAX_BYTES).setUseMarks(true).build();
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      checkShape(file, settings, text);
      Optional<Node> root = new Compose(settings).composeString(text);
      if (root.isEmpty()) {
        throw new IOException(file + ": expected a mapping, but the file is empty");
      }
      return new YamlNode(file, root.get());
    } catch (MarkedYamlEngineException e) {
      // The library's message quotes the line, which may hold a secret: neither it nor a cause.
      throw new IOException(
          file + e.getProblemMark().map(m -> ":" + (m.getLine() + 1)).orElse("") + NOT_YAML);
    } catch (YamlEngineException e) {
      throw new IOException(file + NOT_YAML);
    } catch (CharacterCodingException e) {
      throw new IOException(file + ": expected UTF-8, but some bytes are not");
    }
  }

  private static final String NOT_YAML =
      ": expected one document of YAML, but it is malformed here";

  private static void checkShape(Path file, LoadSettings settings, String text) throws IOException {
    int depth = 0;
    for (Event event : new Parse(settings).parseString(text)) {
      int line = event.getStartMark().map(m -> m.getLine() + 1).orElse(0);
      switch (event.getEventId()) {
        case Alias -> throw new IOException(file + ":" + line + ": aliases are not allowed");
        case MappingStart, SequenceStart -> depth++;
        case MappingEnd, SequenceEnd -> depth--;
        default -> {}
      }
      if (depth > MAX_DEPTH) {
        throw new IOException(file + ":" + line + ": more than " + MAX_DEPTH + " levels deep");
      }
    }
  }

  /** The entries, in order; a key that is there twice is an error. */
  Map<String, YamlNode> mapping() throws IOException {
    if (!(node instanceof MappingNode mapping)) {
      throw error("expected a mapping, but got " + kind());
    }
    Map<String, YamlNode> entries = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      YamlNode key = new YamlNode(file, tuple.getKeyNode());
      if (entries.put(key.text(), new YamlNode(file, tuple.getValueNode())) != null) {
        throw key.error("the key " + quote(key.text()) + " is there twice");
      }
    }
    return entries;
  }

  /** The entries; a key that is not one of those known is an error. */
  Map<String, YamlNode> mapping(Set<String> known) throws IOException {
    Map<String, YamlNode> entries = mapping();
    for (Map.Entry<String, YamlNode> entry : entries.entrySet()) {
      if (!known.contains(entry.getKey())) {
        throw entry
            .getValue()
            .error(
                "expected one of the keys "
                    + new TreeSet<>(known)
                    + ", but got "
                    + quote(entry.getKey()));
      }
    }
    return entries;
  }

  /** The value of a key that has to be there. */
  YamlNode required(Map<String, YamlNode> entries, String key) throws IOException {
    YamlNode value = entries.get(key);
    if (value == null) {
      throw error("expected the key '" + key + "', but it is missing");
    }
    return value;
  }

  List<YamlNode> list() throws IOException {
    if (!(node instanceof SequenceNode sequence)) {
      throw error("expected a list, but got " + kind());
    }
    List<YamlNode> items = new ArrayList<>();
    for (Node item : sequence.getValue()) {
      items.add(new YamlNode(file, item));
    }
    return items;
  }

  /** A scalar as it is written, without its quotes. */
  String text() throws IOException {
    if (node instanceof ScalarNode scalar && !scalar.getTag().equals(Tag.NULL)) {
      return scalar.getValue();
    }
    throw error("expected a text, but got " + kind());
  }

  boolean bool() throws IOException {
    return switch (text()) {
      case "true" -> true;
      case "false" -> false;
      default -> throw error("expected true or false, but got " + quote(text()));
    };
  }

  /** To be thrown: what is wrong here. */
  IOException error(String what) {
    return new IOException(
        file + node.getStartMark().map(m -> ":" + (m.getLine() + 1)).orElse("") + ": " + what);
  }

  /** The text, if it cannot be a secret; else its length. */
  static String quote(String text) {
    boolean shown = text.length() <= MAX_QUOTED && text.chars().allMatch(c -> c >= ' ' && c < 127);
    return shown ? "'" + text + "'" : text.length() + " characters";
  }

  private String kind() {
    return switch (node.getNodeType()) {
      case MAPPING -> "a mapping";
      case SEQUENCE -> "a list";
      case SCALAR -> node.getTag().equals(Tag.NULL) ? "nothing" : "a text";
      case ANCHOR -> "an alias";
    };
  }
}
