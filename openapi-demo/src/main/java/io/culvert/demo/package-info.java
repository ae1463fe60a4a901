/**
 * A pet store: {@link io.culvert.demo.PetServlet} implements the OpenAPI document {@code
 * openapi/petstore.yaml}, and {@code io.culvert.demo.client} is the client that openapi-generator
 * makes from the same document.
 *
 * <p>The document is the only list of paths, parameters and rules. {@code Routes} takes the paths
 * from it, {@code Parameters} and {@code SchemaCheck} the rules, and the {@code *Operations}
 * classes provide one handler for each {@code operationId}.
 */
package io.culvert.demo;
