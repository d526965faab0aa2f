import { CopilotKit } from "@copilotkit/react-core";
import { CopilotChat } from "@copilotkit/react-ui";
import { createRoot } from "react-dom/client";

createRoot(document.body).render(<CopilotKit runtimeUrl="/api"><CopilotChat /></CopilotKit>);
