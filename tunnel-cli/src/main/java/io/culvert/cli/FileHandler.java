package io.culvert.cli;

import java.nio.file.Path;
import java.util.List;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ContextHandler;
import org.eclipse.jetty.server.handler.ResourceHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.resource.ResourceFactory;

/**
 * Serves the files of a directory to the whole world, and so no more than was meant: no lists of
 * files, nothing whose name begins with a dot, nothing that a symbolic link leads to. With entity
 * tags and ranges; the answer to a directory is its index.html.
 */
final class FileHandler {
  private FileHandler() {}

  /** The handler for a directory. */
  static Handler of(Path directory) {
    ResourceHandler files = new ResourceHandler();
    files.setDirAllowed(false);
    files.setEtags(true);
    files.setAcceptRanges(true);
    files.setWelcomeFiles(List.of("index.html"));
    // Whoever changes a file wants to see the change; a tag costs little.
    files.setCacheControl("no-cache");
    // Without an alias check, a path that is not the file's own, such as a link's, is not served.
    ContextHandler context = new ContextHandler(new WithoutHidden(files), "/");
    context.setBaseResource(ResourceFactory.of(context).newResource(directory));
    context.clearAliasChecks();
    return context;
  }

  /** .git, .env, .htpasswd: nobody means to publish them with the directory. */
  private static final class WithoutHidden extends Handler.Wrapper {
    /** RFC 8615. */
    private static final String PUBLISHED = "/.well-known/";

    WithoutHidden(Handler handler) {
      super(handler);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
      response.getHeaders().put("X-Content-Type-Options", "nosniff");
      String path = Request.getPathInContext(request);
      if (hidden(path)) {
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, 0);
        response.setStatus(HttpStatus.NOT_FOUND_404);
        callback.succeeded();
        return true;
      }
      return super.handle(request, response, callback);
    }

    private static boolean hidden(String path) {
      String below = path.startsWith(PUBLISHED) ? path.substring(PUBLISHED.length() - 1) : path;
      return below.contains("/.");
    }
  }
}
