-- The sample company that a new topology starts with. Loaded once, through any node of the geo-distributed deployment;
-- loading it again changes nothing.

INSERT INTO profile (id, full_name, email, phone, country, main_profile_id) VALUES
  (1, 'Mark Smith', 'msmith@apache.org', '6502304532', 'USA', 1),
  (2, 'Mark Smith', 'msmith@shopify.com', '6502304532', 'Canada', 1),
  (3, 'Jessica Brown', 'jbrown@shopify.com', '453234542', 'Canada', 3),
  (4, 'Jonas Fischer', 'jfischer@sap.com', '2123452345', 'Germany', 4),
  (5, 'Jonas Fischer', 'jonas_fischer@gmail.com', '2123452345', 'Germany', 4),
  (6, 'Ah Lam', 'ahlam@tiktok.com', '3212343212', 'China', 6),
  (7, 'Shoi-ming Li', 'shoimingli@tiktok.com', '324223453', 'China', 7),
  (8, 'Shoi-ming Li', 'shoimingli@apache.org', '324223453', 'USA', 7),
  (9, 'Venkat Sharma', 'vsharma@techmahindra.com', '748234323', 'India', 9),
  (10, 'Prachi Garg', 'pgarg@techmahindra.com', '3823427434', 'India', 10)
ON CONFLICT DO NOTHING;

INSERT INTO workspace (id, name, url, country) VALUES
  (1, 'Apache Software Foundation', 'https://apache.org', 'USA'),
  (2, 'Shopify', 'https://shopify.com', 'Canada'),
  (3, 'SAP', 'https://sap.com/', 'Germany'),
  (4, 'TikTok', 'https://tiktok.com', 'China'),
  (5, 'Tech Mahindra', 'https://techmahindra.com', 'India')
ON CONFLICT DO NOTHING;

-- Each workspace has an owner, who can invite.
INSERT INTO workspaceprofile (workspace_id, profile_id, workspace_country, role) VALUES
  (1, 1, 'USA', 'owner'), (1, 5, 'USA', 'member'), (1, 8, 'USA', 'member'), (1, 9, 'USA', 'member'),
  (2, 2, 'Canada', 'member'), (2, 3, 'Canada', 'owner'),
  (3, 4, 'Germany', 'owner'),
  (4, 6, 'China', 'owner'), (4, 7, 'China', 'member'),
  (5, 9, 'India', 'owner'), (5, 10, 'India', 'member')
ON CONFLICT DO NOTHING;

INSERT INTO channel (id, name, workspace_id, country) VALUES
  (1, 'apache_kafka_support', 1, 'USA'),
  (2, 'apache_ignite_security', 1, 'USA'),
  (3, 'roadmap_suggestions', 2, 'Canada'),
  (4, 'sap_hana_dev', 3, 'Germany'),
  (5, 'vip_users_recognition', 4, 'China'),
  (6, 'viral_videos_ideas', 4, 'China'),
  (7, 'random', 5, 'India'),
  (8, 'on_call_customer_support', 5, 'India')
ON CONFLICT DO NOTHING;

-- Everybody is in every channel of their workspace.
INSERT INTO channel_member (channel_id, profile_id, country)
SELECT c.id, m.profile_id, c.country
  FROM (VALUES (1, 1), (2, 1), (3, 2), (4, 3), (5, 4), (6, 4), (7, 5), (8, 5)) AS place (channel_id, workspace_id)
  JOIN channel c ON c.id = place.channel_id
  JOIN workspaceprofile m ON m.workspace_id = place.workspace_id
ON CONFLICT DO NOTHING;
