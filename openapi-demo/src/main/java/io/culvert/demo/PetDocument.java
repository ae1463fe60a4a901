package io.culvert.demo;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.ParseOptions;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The OpenAPI document of the pet store. */
final class PetDocument {
  /** Where the document is on the class path. */
  static final String RESOURCE = "/openapi/petstore.yaml";

  private PetDocument() {}

  /** The text of the document. */
  static String text() {
    try (InputStream in = PetDocument.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(RESOURCE + " is missing from the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Parses a document, with each reference replaced by what it refers to.
   *
   * @throws IllegalArgumentException with everything the parser objects to
   */
  static OpenAPI parse(String text) {
    SwaggerParseResult result = result(text);
    if (result.getOpenAPI() == null || !result.getMessages().isEmpty()) {
      throw new IllegalArgumentException(
          "the OpenAPI document is not valid: " + String.join("; ", result.getMessages()));
    }
    return result.getOpenAPI();
  }

  static SwaggerParseResult result(String text) {
    ParseOptions options = new ParseOptions();
    options.setResolve(true);
    options.setResolveFully(true);
    return new OpenAPIV3Parser().readContents(text, null, options);
  }
}
