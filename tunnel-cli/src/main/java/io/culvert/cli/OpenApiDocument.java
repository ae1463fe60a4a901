package io.culvert.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** An OpenAPI document as JSON, whether it was written as YAML or as JSON, which YAML includes. */
final class OpenApiDocument {
  private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

  /** What nobody writes by hand; the library's own limit is 3 MiB. */
  private static final int MOST_CHARACTERS = 32 * 1024 * 1024;

  private OpenApiDocument() {}

  /**
   * Reads a document.
   *
   * @throws CliException naming the file, and the line if there is one, if it is no OpenAPI
   *     document
   */
  static String json(Path file) {
    try {
      String text = Files.readString(file);
      LoadSettings settings =
          LoadSettings.builder()
              .setLabel(file.toString())
              .setCodePointLimit(MOST_CHARACTERS)
              .build();
      if (!(new Load(settings).loadFromString(text) instanceof Map<?, ?> map)) {
        throw CliException.usage("--openapi: " + file + " is no OpenAPI document");
      }
      JsonObject document = GSON.toJsonTree(map).getAsJsonObject();
      if (!document.has("openapi") && !document.has("swagger")) {
        throw CliException.usage(
            "--openapi: " + file + " is no OpenAPI document: it has no line like openapi: 3.1.0");
      }
      return GSON.toJson(document);
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
      throw CliException.usage("--openapi: " + file + " line " + line + ": " + e.getProblem());
    } catch (YamlEngineException | JsonParseException | IOException e) {
      throw CliException.usage("--openapi: cannot read " + file + ": " + e.getMessage());
    }
  }
}
