package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** What swaggersocket carries is HTTP as anywhere, but for what its messages have no place for. */
class SwaggerHttpTest extends HttpFidelity {
  @Override
  protected HttpTunnel connect() throws Exception {
    return SwaggerTunnel.open();
  }

  /** The id is a UUID. */
  @Override
  @Test
  void theRequestKnowsItsConnection() throws Exception {
    serve(
        "/who",
        (request, response) ->
            response
                .getWriter()
                .print(
                    request.getAttribute("io.culvert.connectionId")
                        + " "
                        + request.getAttribute("io.culvert.metadata")));
    String id = ((SwaggerTunnel) tunnel).server().id();
    assertEquals(36, id.length());
    assertEquals(id + " {app=test}", text(get("/who")));
  }

  /** Not a test here: the peer is not told the scheme of the URL. */
  @Override
  void redirectsAreFollowedAndMayChangeTheScheme() {}

  /** Not a test here: the peer is not told the scheme of the URL. */
  @Override
  void httpsStaysHttpsForCookiesAndServlets() {}

  /** Not a test here: messages are whole, HTTP/2 is a conversation. */
  @Override
  void http2WithPriorKnowledgeWorks() {}
}
