package io.culvert.relay.access;

import io.culvert.websocket.MissingLibraryException;
import java.io.IOException;
import java.nio.file.Path;

/** The way to {@link YamlNode}, which cannot be loaded without its library. */
final class YamlFile {
  private YamlFile() {}

  /**
   * Reads the one document of a file whose bytes are given.
   *
   * @throws MissingLibraryException if the library for YAML is not there
   */
  static YamlNode parse(Path file, byte[] bytes) throws IOException {
    MissingLibraryException.require(
        YamlFile.class,
        "org.snakeyaml.engine.v2.api.LoadSettings",
        "org.snakeyaml:snakeyaml-engine");
    return YamlNode.parse(file, bytes);
  }
}
